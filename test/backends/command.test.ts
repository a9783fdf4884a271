import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTarget, UserError } from '../../backends/index.js';
import {
  descriptors,
  fake,
  features,
  ownTemporaryDirectory,
  places,
  runs,
  talk,
  temporaryDirectory,
  withTarget,
} from './support.js';

ownTemporaryDirectory();
const workDir = temporaryDirectory();
const command = (...options: string[]) => ({ kind: 'command' as const, argv: fake(...options) });

let before: { descriptors: string[]; places: string[] };
beforeEach(() => {
  before = { descriptors: descriptors(), places: places() };
});
afterEach(() => {
  expect({ descriptors: descriptors(), places: places() }).toEqual(before);
});

test('a back-end that listens late is waited for, and ends with SIGTERM', async () => {
  await withTarget(command('--delay=120', '--say=hello'), { workDir }, async (target) => {
    const instance = await target.take();
    expect(instance.inProcess).toBe(false);
    const socket = await instance.connect(1);
    expect(await features(socket)).toBe(7n);
    expect(instance.exit()).toBeUndefined();
    expect(await instance.ended(1)).toBeUndefined();
    socket.close();
    expect(await instance.stop(5_000)).toBe(false);
    expect(instance.exit()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await instance.ended(0)).toEqual({ code: null, signal: 'SIGTERM' });
    expect(instance.stderr()).toBe('hello\n');
    expect(runs(instance.pid!)).toBe(false);
    await target.release(instance, false);
  });
});

test('one that ignores SIGTERM is killed', async () => {
  await withTarget(command('--deaf'), { workDir }, async (target) => {
    const instance = await target.take();
    expect(await talk(instance)).toBe(7n);
    expect(await instance.stop(50)).toBe(true);
    expect(instance.exit()).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

test('what it started is ended with it, deaf or not', async () => {
  const file = join(workDir, 'child');
  await withTarget(command(`--child=${file}`), { workDir }, async (target) => {
    const instance = await target.take();
    await talk(instance);
    const child = Number(readFileSync(file, 'utf8'));
    expect(runs(child)).toBe(true);
    await target.release(instance, true);
    await vi.waitFor(() => expect(runs(child)).toBe(false), { timeout: 5_000, interval: 5 });
  });
});

test('one that ends at its start is a mistake of the command line', async () => {
  await withTarget(command('--say=error: no such option', '--exit=3'), { workDir }, async (target) => {
    const taken = target.take().then((instance) => instance.connect(5_000));
    const failure = await taken.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(
      /ended with exit status 3 before it served a connection: error: no such option \(started as: .*fake-back-end\.mjs --socket-path=\//,
    );
    expect((failure as Error).message).not.toContain('\n');
  });
});

test('a spare that ended is reported, not served', async () => {
  await withTarget(command('--say=out of ideas', '--exit=4'), { workDir, spares: 2 }, async (target) => {
    const first = await target.take();
    await first.ended(10_000);
    // The spares were started at the same time; the second take finds the first of them.
    const failure = await Promise.resolve(target.take())
      .then(async (instance) => {
        await instance.connect(5_000);
      })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toContain('exit status 4');
  });
});

test('a connection after it was left: to the same process, or an error when it has gone', async () => {
  await withTarget(command(), { workDir }, async (target) => {
    const instance = await target.take();
    expect(await talk(instance)).toBe(7n);
    expect(await talk(instance)).toBe(7n);
  });
  await withTarget(command('--once'), { workDir }, async (target) => {
    const instance = await target.take();
    expect(await talk(instance)).toBe(7n);
    expect(await instance.ended(5_000)).toEqual({ code: 0, signal: null });
    const failure = await instance.connect(5_000).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'NoConnection', reason: 'gone' });
  });
});

test('spares are started ahead and taken in their order, each by one', async () => {
  await withTarget(command(), { workDir, spares: 2 }, async (target) => {
    const taken = [await target.take(), await target.take(), await target.take()];
    const numbers = taken.map((instance) => instance.pid!);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    for (const instance of taken) expect(await talk(instance)).toBe(7n);
    expect(places()).toHaveLength(before.places.length + 5);
  });
});

test('without reuse each is ended when it is handed back', async () => {
  await withTarget(command(), { workDir }, async (target) => {
    const instance = await target.take();
    await talk(instance);
    await target.release(instance, true);
    expect(runs(instance.pid!)).toBe(false);
    expect((await target.take()).pid).not.toBe(instance.pid);
  });
});

test('with reuse a healthy one is kept, a suspicious one and one that ends by itself are not', async () => {
  await withTarget(command(), { workDir, reuse: true }, async (target) => {
    const first = await target.take();
    await talk(first);
    await target.release(first, true);
    const again = await target.take();
    expect(again).toBe(first);
    expect(await talk(again)).toBe(7n);
    await target.release(again, false);
    expect(runs(first.pid!)).toBe(false);
    expect((await target.take()).pid).not.toBe(first.pid);
  });
  await withTarget(command('--once'), { workDir, reuse: true }, async (target) => {
    const first = await target.take();
    await talk(first);
    await target.release(first, true);
    const second = await target.take();
    expect(second.pid).not.toBe(first.pid);
    expect(await talk(second)).toBe(7n);
  });
});

test('all processes of a target share one directory, which goes with it', async () => {
  const seen = await withTarget(command('--touch={directory}'), { workDir }, async (target) => {
    for (const instance of [await target.take(), await target.take()]) await talk(instance);
    const shared = readdirSync(workDir).filter((name) => name.startsWith('shared-'));
    expect(shared).toHaveLength(1);
    expect(readdirSync(join(workDir, shared[0]!))).toHaveLength(2);
    return shared[0]!;
  });
  expect(existsSync(join(workDir, seen))).toBe(false);
});

test('dispose ends what was taken, what is spare, and what is just being started', async () => {
  const target = await openTarget(command('--deaf'), { reuse: false, spares: 1, workDir });
  const instance = await target.take();
  await talk(instance);
  const late = target.take();
  await target.dispose();
  await target.dispose();
  expect(runs(instance.pid!)).toBe(false);
  expect(runs((await late).pid!)).toBe(false);
  await expect(target.take()).rejects.toThrow('disposed');
});

test.each([
  [[], 'no command line'],
  [['some-program', '--socket'], 'the command line of some-program has no {socket}'],
  [['vhost-check-no-such-program', '{socket}'], 'cannot start vhost-check-no-such-program: no such program'],
  [[import.meta.filename, '{socket}'], 'no such program'],
])('wrong command lines are told at once: %j', async (argv, message) => {
  const opening = openTarget({ kind: 'command', argv }, { reuse: false, spares: 0, workDir });
  await expect(opening).rejects.toThrow(UserError);
  await expect(opening).rejects.toThrow(message);
});

test('a temporary directory that is too deep for a socket is told', async () => {
  const old = process.env.TMPDIR;
  process.env.TMPDIR = `/tmp/${'x'.repeat(95)}`;
  try {
    await withTarget(command(), { workDir }, async (target) => {
      await expect(target.take()).rejects.toThrow(/a Unix socket takes 107: set TMPDIR to a shorter one/);
    });
  } finally {
    if (old === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = old;
  }
});
