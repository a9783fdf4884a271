import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tail } from '../../../backends/process/tail.js';
import { prop } from '../../harness/prop.js';

prop(
  'it is the end of everything that was added',
  fc.record({
    limit: fc.integer({ min: 1, max: 40 }),
    pieces: fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 60 })),
  }),
  ({ limit, pieces }) => {
    const tail = new Tail(limit);
    for (const piece of pieces) tail.add(Buffer.from(piece));
    expect(tail.text()).toBe(pieces.join('').slice(-limit));
    tail.add(Buffer.from('!'));
    expect(tail.text()).toBe(`${pieces.join('')}!`.slice(-limit));
  },
);

test('a character that the limit cuts in two is left out', () => {
  const tail = new Tail(4);
  tail.add(Buffer.from('aé€b'));
  expect(tail.text()).toBe('€b');
  const shorter = new Tail(3);
  shorter.add(Buffer.from('aé€b'));
  expect(shorter.text()).toBe('b');
});
