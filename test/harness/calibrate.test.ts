import { expect, test, vi } from 'vitest';
import { calibrate } from '../../harness/calibrate.js';
import { limits } from '../../harness/limits.js';
import { UserError } from '../../harness/user-error.js';
import { openDescriptors } from '../../native/index.js';
import { lawful, lawfulScript, ScriptedTarget } from './peer.js';

test('a quick back-end gets the shortest deadline, a slow one a longer', async () => {
  // Quick on a machine that has nothing else to do for a moment.
  const quick = async () => expect(await calibrate(new ScriptedTarget(lawfulScript()))).toBe(limits.deadlineMinMs);
  await vi.waitFor(quick, { timeout: 15_000, interval: 50 });
  const slow = new ScriptedTarget(async (peer) => {
    for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
      await new Promise((resolve) => setTimeout(resolve, 16));
      await lawful(peer, got);
    }
  });
  const deadline = await calibrate(slow);
  expect(deadline).toBeGreaterThan(700);
  expect(deadline).toBeLessThanOrEqual(limits.deadlineMaxMs);
});

test('one that ends or never answers gets the longest, and nothing stays open', async () => {
  const before = openDescriptors().length;
  expect(await calibrate(new ScriptedTarget(async () => {}))).toBe(limits.deadlineMaxMs);
  const mute = new ScriptedTarget(async (peer) => {
    while ((await peer.next()) !== undefined);
  });
  expect(await calibrate(mute)).toBe(limits.deadlineMaxMs);
  expect(openDescriptors().length).toBe(before);
});

test('one that cannot be connected to is the user’s business', async () => {
  const target = new ScriptedTarget(lawfulScript());
  const take = target.take.bind(target);
  target.take = async () => ({ ...(await take()), connect: () => Promise.reject(new Error('ECONNREFUSED')) });
  await expect(calibrate(target)).rejects.toThrow(UserError);
  expect(target.released).toEqual([false]);
});
