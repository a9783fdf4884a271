import { expect, test, vi } from 'vitest';
import { openTarget, UserError } from '../../backends/index.js';
import { encodeMessage, Request } from '../../model/wire/index.js';
import { pipe, unclosed } from '../../native/index.js';
import { compiled, descriptors, features, script, talk, temporaryDirectory, withTarget } from './support.js';

const workDir = temporaryDirectory();
const reference = (...args: string[]) => ({ kind: 'builtin' as const, name: 'reference', args });
const inProcess = { workDir, inProcess: true };

test('in this process: connections without a process, one after the other and at once', async () => {
  const before = descriptors();
  await withTarget(reference(), inProcess, async (target) => {
    expect(target).toMatchObject({
      name: 'reference',
      comparable: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const instance = await target.take();
    expect(instance).toMatchObject({ inProcess: true });
    expect(instance.pid).toBeUndefined();
    const offered = await talk(instance);
    expect(offered! & (1n << 30n)).not.toBe(0n);
    const [a, b] = [await instance.connect(1_000), await instance.connect(1_000)];
    expect([await features(a), await features(b)]).toEqual([offered, offered]);
    a.close();
    // b stays open: the back-end is ended under it.
    expect(await instance.stop(0)).toBe(false);
    expect(instance.exit()).toEqual({ code: 0, signal: null });
    expect(await features(b).catch(() => undefined)).toBeUndefined();
    b.close();
    await expect(instance.connect(1_000)).rejects.toThrow('ended');
    await target.release(instance, false);
  });
  expect(descriptors()).toEqual(before);
});

test('in this process: what a fault lost in a connection that is over stays lost until the back-end is ended', async () => {
  const before = unclosed();
  await withTarget(reference('--fault', 'leak-malformed'), inProcess, async (target) => {
    const instance = await target.take();
    const socket = await instance.connect(1_000);
    const { r, w } = pipe('given');
    socket.send(encodeMessage({ request: Request.SET_OWNER }), [r]);
    expect(await features(socket)).toBeDefined();
    for (const d of [socket, r, w]) d.close();
    const lost = () => unclosed().filter(({ role }) => role === 'received from main socket');
    // The connection is over when its own socket is closed.
    await vi.waitFor(() => expect(unclosed().map(({ role }) => role)).toEqual(['received from main socket']));
    await instance.stop(0);
    expect(lost()).toEqual([]);
    await target.release(instance, false);
  });
  expect(unclosed()).toEqual(before);
});

test('in this process: with reuse the same one comes again, without it another', async () => {
  await withTarget(reference(), { ...inProcess, reuse: true }, async (target) => {
    const instance = await target.take();
    await talk(instance);
    await target.release(instance, true);
    expect(await target.take()).toBe(instance);
  });
  await withTarget(reference(), inProcess, async (target) => {
    const instance = await target.take();
    await target.release(instance, true);
    expect(await target.take()).not.toBe(instance);
    expect(instance.exit()).toEqual({ code: 0, signal: null });
  });
});

test('its states are comparable unless saving changes the device', async () => {
  await withTarget(reference('--variant', 'open.save-side-effects=some'), inProcess, async (target) => {
    expect(target.comparable).toBe(false);
  });
});

test.each([
  [['--fault', 'no-such-fault'], 'reference: unknown fault no-such-fault'],
  [['--socket-path', '/x'], 'reference: --socket-path and --fd are chosen for it'],
  [['--list-faults'], '--list-faults is for the program itself'],
])('wrong arguments are told before anything starts: %j', async (args, message) => {
  for (const where of [true, false]) {
    const opening = openTarget(reference(...args), { reuse: false, spares: 0, workDir, inProcess: where });
    await expect(opening).rejects.toThrow(UserError);
    await expect(opening).rejects.toThrow(message);
  }
});

test('in a process of its own it serves connection after connection, and takes its arguments', async () => {
  const { printed, ended } = script(
    compiled(),
    `
      import { openTarget } from './dist/backends/index.js';
      import { encodeMessage, Request } from './dist/model/wire/index.js';
      import { waitFor } from './dist/native/index.js';
      const target = await openTarget(
        { kind: 'builtin', name: 'reference', args: ['--state-size', '1000'] },
        { reuse: true, spares: 1, workDir: ${JSON.stringify(workDir)} });
      const pids = [];
      for (let i = 0; i < 2; i++) {
        const instance = await target.take();
        pids.push(instance.pid);
        const socket = await instance.connect(5000);
        socket.send(encodeMessage({ request: Request.GET_FEATURES }));
        await waitFor(socket, 'readable', 5000);
        console.log('answer ' + socket.receive(100).bytes.length);
        socket.close();
        await target.release(instance, true);
      }
      console.log('same ' + (pids[0] === pids[1]));
      await target.dispose();
    `,
  );
  await printed(/same/);
  expect(await ended).toEqual({ code: 0, signal: null, printed: 'answer 20\nanswer 20\nsame true\n' });
});
