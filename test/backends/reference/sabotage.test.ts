import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Faults } from '../../../backends/reference/sabotage.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Lose something in a connection that is forgotten then. */
function loses(repaired: boolean): WeakRef<object> {
  const faults = new Faults(new Set(), () => {});
  const thing = {};
  faults.lose(thing);
  expect(faults.holds).toBe(true);
  if (repaired) faults.repair();
  expect(faults.holds).toBe(!repaired);
  return new WeakRef(thing);
}

test('what a bug lost is not found by the garbage collector, unless it was repaired', async () => {
  const [lost, repaired] = [loses(false), loses(true)];
  // A weak reference holds for as long as the turn lasts in which it was made.
  for (let turn = 0; turn < 20 && repaired.deref() !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  expect(repaired.deref()).toBeUndefined();
  expect(lost.deref()).toBeDefined();
});
