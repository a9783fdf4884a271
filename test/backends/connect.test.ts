import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTarget, UserError } from '../../backends/index.js';
import { Listener } from '../../native/index.js';
import { features, temporaryDirectory, withTarget } from './support.js';

const workDir = temporaryDirectory();
const options = { reuse: false, spares: 0, workDir };
const connect = (path: string) => ({ kind: 'connect' as const, path });

test('a socket that somebody listens on: connections to it, and nothing is known or ended', async () => {
  const path = join(workDir, 'listening');
  const listener = Listener.listen(path, 'test');
  await withTarget(connect(path), options, async (target) => {
    expect(target.name).toContain(path);
    const instance = await target.take();
    expect(instance).toMatchObject({ inProcess: false });
    expect(instance.pid).toBeUndefined();
    const socket = await instance.connect(1_000);
    const theirs = listener.accept('theirs')!;
    theirs.send(new Uint8Array(20).fill(1));
    expect(await features(socket)).toBe(0x0101010101010101n);
    expect(await instance.stop(0)).toBe(false);
    expect(await instance.ended(10_000)).toBeUndefined();
    expect(instance.exit()).toBeUndefined();
    await target.release(instance, false);
    theirs.close();
    socket.close();
  });
  listener.close();
});

test('nobody there before the first trace is a mistake, later it is what the back-end did', async () => {
  const path = join(workDir, 'left');
  const listener = Listener.listen(path, 'test');
  await withTarget(connect(path), options, async (target) => {
    const instance = await target.take();
    (await instance.connect(1_000)).close();
    listener.close();
    await expect(instance.connect(20)).rejects.toMatchObject({
      name: 'NoConnection',
      reason: 'late',
      code: 'ECONNREFUSED',
    });
  });
  await withTarget(connect(path), options, async (target) => {
    const first = (await target.take()).connect(20);
    await expect(first).rejects.toThrow(UserError);
    await expect(first).rejects.toThrow(`nobody accepts connections at ${path} (ECONNREFUSED)`);
  });
});

test('paths that are no socket are told at once', async () => {
  const file = join(workDir, 'file');
  writeFileSync(file, '');
  await expect(openTarget(connect(file), options)).rejects.toThrow(new UserError(`${file} is not a socket`));
  const missing = join(workDir, 'missing');
  await expect(openTarget(connect(missing), options)).rejects.toThrow(new UserError(`there is no socket ${missing}`));
  await expect(openTarget(connect(`/tmp/${'x'.repeat(103)}`), options)).rejects.toThrow('has 108 bytes');
});
