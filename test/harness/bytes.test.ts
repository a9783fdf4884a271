import { expect, test } from 'vitest';
import { bytesOf, indexOf, pattern } from '../../harness/bytes.js';
import type { WriteStep } from '../../harness/trace/step.js';

test.each([
  [0, 10, 0],
  [3, 10, 3],
  [99, 10, 10],
  [-3, 10, 7],
  [-99, 10, 0],
  ['50%', 10, 5],
  ['33.3%', 10, 3],
  ['100%', 10, 10],
  ['250%', 10, 10],
  ['-5%', 10, 0],
] as const)('position %s of %i is %i', (position, length, index) => {
  expect(indexOf(position, length)).toBe(index);
});

const write = (step: Omit<WriteStep, 'do' | 'name'>) => {
  const states = new Map([['s', Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)]]);
  const bytes = bytesOf({ do: 'write', name: 'x', ...step }, states);
  return bytes === undefined ? undefined : [...bytes];
};

test('a state is cut first and damaged then, and the stored one stays as it is', () => {
  expect(write({ state: 's' })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(write({ state: 's', from: 2, to: '50%' })).toEqual([2, 3]);
  expect(write({ state: 's', from: -2, flip: 0 })).toEqual([249, 7]);
  expect(write({ state: 's', to: 3, flip: -1 })).toEqual([0, 1, 253]);
  expect(write({ state: 's', flip: '100%' })).toEqual([0, 1, 2, 3, 4, 5, 6, 248]);
  expect(write({ state: 's', from: 5, to: 2, flip: 0 })).toEqual([]);
  expect(write({ state: 's' })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(write({ state: 'none' })).toBeUndefined();
});

test('bytes and patterns', () => {
  expect(write({ hex: '00ff7f', flip: 1 })).toEqual([0, 0, 127]);
  expect(write({ pattern: 3 })).toEqual([0, 7, 14]);
  const long = pattern(70_000);
  expect(Buffer.from(long.subarray(0, 256)).equals(long.subarray(256, 512))).toBe(false);
});
