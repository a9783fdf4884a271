import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listBackends, openTarget, UserError } from '../../backends/index.js';
import { fetchReal } from './real.js';
import { features, ownTemporaryDirectory, places, runs, talk, temporaryDirectory, withTarget } from './support.js';

const { names, why } = await fetchReal();

ownTemporaryDirectory();
const workDir = temporaryDirectory();
const builtin = (name: string, ...args: string[]) => ({ kind: 'builtin' as const, name, args });

/** VHOST_USER_F_PROTOCOL_FEATURES */
const BIT_30 = 1n << 30n;

if (names.length === 0)
  test('without apt we are told what to install', () => {
    expect(why).toContain('install');
  });

describe.each(names)('%s', (name) => {
  test('it is listed with its version and how it is started', async () => {
    const listing = (await listBackends()).find((one) => one.name === name);
    expect(listing).toMatchObject({ available: true, origin: 'cache', version: expect.stringMatching(/^\d/) });
    expect(listing!.command.some((word) => word.includes('{socket}'))).toBe(true);
  });

  test('it starts, answers, and leaves no process, directory or file', async () => {
    const pid = await withTarget(builtin(name), { workDir, spares: 1 }, async (target) => {
      expect(target).toMatchObject({ name, comparable: true, version: expect.stringMatching(/^\d/) });
      const instance = await target.take();
      const socket = await instance.connect(5_000);
      expect((await features(socket))! & BIT_30).toBe(BIT_30);
      // It really is that program, and not a shell or loader that went on to something else.
      expect(readFileSync(`/proc/${instance.pid}/cmdline`, 'utf8')).toContain(name.split('@')[0]!);
      expect(places()).toHaveLength(2);
      socket.close();
      // virtiofsd ends with its connection; a SIGTERM on its way out would make that an error of its own.
      if (name.startsWith('virtiofsd')) await instance.ended(5_000);
      await target.release(instance, true);
      expect(instance.exit()).toEqual({ code: 0, signal: null });
      return instance.pid!;
    });
    expect(runs(pid)).toBe(false);
    expect(places()).toEqual([]);
  });

  test('an argument that it does not know is told with what it says', async () => {
    await withTarget(builtin(name, '--no-such-option'), { workDir }, async (target) => {
      // It may have ended when it is taken.
      const taken = target.take().then((instance) => instance.connect(5_000));
      const failure = await taken.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UserError);
      expect((failure as Error).message).toMatch(
        new RegExp(`^${name} ended with exit status \\d+ before it served .*no-such-option`),
      );
    });
  });

  test('asked to be reused it is, when it outlives a connection', async () => {
    await withTarget(builtin(name), { workDir, reuse: true }, async (target) => {
      const first = await target.take();
      await talk(first);
      await target.release(first, true);
      const second = await target.take();
      expect(second === first).toBe(name.startsWith('passt'));
      expect((await talk(second))! & BIT_30).toBe(BIT_30);
    });
  });
});

test.each(names.filter((name) => name.startsWith('virtiofsd')))(
  'two processes of one %s share their directory',
  async (name) => {
    await withTarget(builtin(name), { workDir }, async (target) => {
      const shared: string[] = [];
      for (const instance of [await target.take(), await target.take()]) {
        const socket = await instance.connect(5_000);
        shared.push(/--shared-dir=([^\0]*)/.exec(readFileSync(`/proc/${instance.pid}/cmdline`, 'utf8'))?.[1] ?? '');
        socket.close();
      }
      expect(shared[0]).toBe(shared[1]);
      expect(dirname(shared[0]!)).toBe(workDir);
      expect(existsSync(shared[0]!)).toBe(true);
    });
  },
);

test('one that is not here is told with the command that fetches it', async () => {
  const old = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = temporaryDirectory();
  try {
    await expect(openTarget(builtin('virtiofsd@sid'), { reuse: false, spares: 0, workDir })).rejects.toThrow(
      new UserError('virtiofsd@sid is not here: vhost-check backends install virtiofsd --suite sid'),
    );
  } finally {
    if (old === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = old;
  }
});
