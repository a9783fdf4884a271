/** The reference back-end as a process of its own. Needs a built tree. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { faults } from '../../../backends/reference/index.js';
import { Request } from '../../../model/wire/index.js';
import { Listener, memfd, type ProcessFacts, pipe, processFacts } from '../../../native/index.js';
import { sameBytes } from './bench.js';
import {
  ACCEPTED,
  check,
  FrontEnd,
  LOAD,
  load,
  NONE,
  REFUSED,
  SAVE,
  save,
  set,
  stateParameters,
  u64,
  writeAll,
} from './front-end.js';

const MAIN = join(import.meta.dirname, '../../../dist/backends/reference/main.js');
const directory = mkdtempSync(join(tmpdir(), 'reference-'));
const running = new Set<Running>();
let made = 0;

/** A process, and how it ended. */
class Running {
  readonly path = join(directory, `s${made++}`);
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  output = '';
  errors = '';

  constructor(
    args: (path: string) => string[],
    { program = process.execPath, fd }: { program?: string; fd?: number } = {},
  ) {
    if (!existsSync(MAIN)) throw new Error('the tree is not built: npm run build');
    this.child = spawn(program, args(this.path), {
      stdio: ['ignore', 'pipe', 'pipe', ...(fd === undefined ? [] : [fd])],
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
    this.child.stdout!.on('data', (data) => {
      this.output += data;
    });
    this.child.stderr!.on('data', (data) => {
      this.errors += data;
    });
    running.add(this);
  }

  async connect(plain?: 'plain'): Promise<FrontEnd> {
    for (let i = 0; i < 2000; i++) {
      if (this.child.exitCode !== null) throw new Error(`ended: ${this.errors}`);
      try {
        const fe = FrontEnd.connect(this.path);
        if (plain === undefined) await fe.negotiate();
        return fe;
      } catch {
        await setTimeout(5);
      }
    }
    throw new Error('does not listen');
  }

  get facts(): ProcessFacts {
    return processFacts(this.child.pid!)!;
  }

  async terminate(): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

const start = (...args: string[]): Running => new Running((path) => [MAIN, '--socket-path', path, ...args]);

afterEach(async () => {
  for (const each of running) {
    each.child.kill('SIGKILL');
    await each.ended;
  }
  running.clear();
});
afterAll(() => rmSync(directory, { recursive: true }));

test('serves, prints nothing, and ends with SIGTERM, its socket gone', async () => {
  const back = start();
  const fe = await back.connect();
  expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
  expect(await back.terminate()).toEqual({ code: 0, signal: null });
  expect([back.output, back.errors, existsSync(back.path)]).toEqual(['', '', false]);
  fe.close();
});

test('ends with SIGTERM also in a transfer and with a CHECK unanswered', async () => {
  const back = start();
  const fe = await back.connect();
  const { r, w } = pipe('channel');
  expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
  await fe.send(Request.CHECK_DEVICE_STATE);
  expect(await back.terminate()).toEqual({ code: 0, signal: null });
  expect(await fe.next()).toBe('gone');
  w.close();
  fe.close();
});

test('a migration from process to process', async () => {
  const [a, b] = [start(), start('--own-channel')];
  const [source, destination] = [await a.connect(), await b.connect()];
  const { bytes } = await save(source);
  const { r, w } = pipe('channel');
  const answer = await destination.call(Request.SET_DEVICE_STATE_FD, stateParameters(LOAD), { fds: [r] });
  if (typeof answer === 'string') throw new Error(answer);
  r.close();
  w.close();
  const [channel] = answer.descriptors;
  expect(await writeAll(channel!, bytes)).toBe(bytes.length);
  channel!.close();
  expect(await check(destination)).toBe(0n);
  source.close();
  destination.close();
});

test('one connection after another, the next one waiting its turn', async () => {
  const back = start();
  const first = await back.connect();
  const second = await back.connect('plain');
  await second.send(Request.GET_QUEUE_NUM);
  expect(await first.silent()).toBe(true);
  expect(await second.next(50)).toBe('quiet');
  first.close();
  expect(await second.next()).toMatchObject({ request: 17 });
  second.close();
});

test('an inherited listening socket', async () => {
  const path = join(directory, 'inherited');
  const listener = Listener.listen(path, 'listening socket');
  const back = new Running(() => [MAIN, '--fd', '3'], { fd: listener.fd });
  listener.close();
  const fe = FrontEnd.connect(path);
  expect(await fe.silent()).toBe(true);
  fe.close();
  expect(await back.terminate()).toEqual({ code: 0, signal: null });
});

describe('what cannot be', () => {
  const refused = (name: string, args: (path: string) => string[], reason: string) =>
    test(name, async () => {
      const back = new Running((path) => [MAIN, ...args(path)]);
      expect(await back.ended).toEqual({ code: 2, signal: null });
      expect(back.errors).toBe(`reference back-end: ${reason}\n`);
    });
  refused('no place to listen', () => [], '--socket-path PATH or --fd N says where the front-end is');
  refused(
    'an unknown fault',
    (path) => ['--socket-path', path, '--fault', 'x'],
    'unknown fault x; --list-faults names them',
  );

  test('a path that is in use', async () => {
    const first = start();
    (await first.connect()).close();
    const second = new Running(() => [MAIN, '--socket-path', first.path]);
    expect((await second.ended).code).toBe(2);
    expect(second.errors).toMatch(/EADDRINUSE/);
    const fe = FrontEnd.connect(first.path);
    expect(await fe.silent()).toBe(true);
    fe.close();
  });
});

test('--list-faults', async () => {
  const back = new Running(() => [MAIN, '--list-faults']);
  expect(await back.ended).toEqual({ code: 0, signal: null });
  expect(
    back.output
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
  ).toEqual(Object.keys(faults));
});

test('descriptors, threads, memory and processor time stay what they were', async () => {
  const back = start();
  const round = async () => {
    const fe = await back.connect();
    const saved = await save(fe);
    expect(saved.check).toBe(0n);
    expect((await load(fe, saved.bytes)).check).toBe(0n);
    expect((await load(fe, saved.bytes.subarray(0, 5000))).check).toBe(1n);
    const fds = Array.from({ length: 20 }, () => memfd('fd'));
    expect(await fe.number(Request.SET_OWNER, NONE, { fds, needReply: true })).toBe(1n);
    for (const d of fds) d.close();
    const { r, w } = pipe('channel');
    expect(await set(fe, SAVE, w)).toBe(ACCEPTED);
    fe.close();
    r.close();
  };
  // A connection that is served is the only one: the earlier ones have ended for the back-end too.
  const facts = async () => {
    const fe = await back.connect();
    expect(await fe.silent()).toBe(true);
    const { facts } = back;
    fe.close();
    return facts;
  };
  for (let i = 0; i < 20; i++) await round();
  const before = await facts();
  for (let i = 0; i < 200; i++) await round();
  const after = await facts();
  expect([after.descriptors.length, after.threads]).toEqual([before.descriptors.length, before.threads]);
  expect(after.memory - before.memory).toBeLessThan(48 << 20);
  const idle = await back.connect();
  expect(await save(idle)).toMatchObject({ check: 0n });
  await setTimeout(100);
  const { cpuMs } = back.facts;
  await setTimeout(300);
  expect(back.facts.cpuMs - cpuMs).toBeLessThanOrEqual(30);
  idle.close();
});

test('an endless load takes no memory', async () => {
  const back = start();
  const fe = await back.connect();
  const { r, w } = pipe('channel', { capacity: 1 << 20 });
  expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
  const bytes = new Uint8Array(1 << 20);
  const before = back.facts.memory;
  for (let sent = 0; sent < 256 << 20; ) {
    const taken = w.write(bytes);
    sent += taken;
    if (taken === 0) expect(await fe.silent()).toBe(true);
  }
  expect(back.facts.memory - before).toBeLessThan(64 << 20);
  w.close();
  expect(await check(fe)).toBe(1n);
  fe.close();
});

test('survives having no descriptor numbers left', async () => {
  const back = new Running(
    (path) => ['-c', `ulimit -n 48; exec "$0" "$@"`, process.execPath, MAIN, '--socket-path', path],
    {
      program: '/bin/sh',
    },
  );
  const fe = await back.connect();
  const fds = Array.from({ length: 100 }, () => memfd('fd'));
  expect(await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), { fds })).toBe(REFUSED);
  expect(await fe.number(Request.SET_FEATURES, u64(0), { fds, needReply: true })).toBe(1n);
  for (const d of fds) d.close();
  expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
  fe.close();
});

describe('faults that only a process shows', () => {
  test('ignores-sigterm', async () => {
    const back = start('--fault', 'ignores-sigterm');
    const fe = await back.connect();
    back.child.kill('SIGTERM');
    await setTimeout(100);
    expect(await fe.silent()).toBe(true);
    fe.close();
  });

  test('a crash is one', async () => {
    const back = start('--fault', 'lone-check-kills');
    const fe = await back.connect();
    expect(await check(fe)).toBe('gone');
    expect(await back.ended).toEqual({ code: null, signal: 'SIGABRT' });
    fe.close();
  });

  test('threads, memory, and no rest', async () => {
    const back = start('--fault', 'leak-thread', '--fault', 'leak-memory', '--fault', 'spin');
    const fe = await back.connect();
    expect(await fe.silent()).toBe(true);
    const before = back.facts;
    for (let i = 0; i < 3; i++) expect(await save(fe)).toMatchObject({ check: 0n });
    await setTimeout(300);
    const after = back.facts;
    expect(after.threads - before.threads).toBeGreaterThanOrEqual(3);
    expect(after.memory - before.memory).toBeGreaterThan(90 << 20);
    expect(after.cpuMs - before.cpuMs).toBeGreaterThan(60);
    fe.close();
  });
});

test('states of two processes differ until one loads the other', async () => {
  const [a, b] = [start(), start()];
  const [first, second] = [await a.connect(), await b.connect()];
  const states = [(await save(first)).bytes, (await save(second)).bytes] as const;
  expect(sameBytes(...states)).toBe(false);
  expect((await load(second, states[0])).check).toBe(0n);
  expect(sameBytes((await save(second)).bytes, states[0])).toBe(true);
  first.close();
  second.close();
});
