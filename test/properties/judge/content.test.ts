import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, type Saved } from '../../../properties/judge/content.js';
import { stateOf } from './script.js';

const STATE = stateOf(200);
const saved = (bytes: Uint8Array, good = true): Saved => ({ bytes, session: 'a', via: 0, good });
const flipped = (...places: number[]): Uint8Array => STATE.map((byte, i) => (places.includes(i) ? byte ^ 0xff : byte));
const longer = Uint8Array.from([...STATE, 1, 2]);

describe('the content of a load', () => {
  it.each([
    ['nothing', new Uint8Array(), 'empty'],
    ['the state', STATE, 'valid'],
    ['its beginning', STATE.subarray(0, 100), 'truncated'],
    ['all but its last byte', STATE.subarray(0, 199), 'truncated'],
    ['the state and more', longer, 'trailing'],
    ['a flipped byte', flipped(7), 'damaged'],
    ['eight flipped bytes', flipped(0, 1, 2, 3, 4, 5, 6, 7), 'damaged'],
    ['nine flipped bytes', flipped(0, 1, 2, 3, 4, 5, 6, 7, 8), 'unknown'],
    ['its end only', STATE.subarray(1), 'unknown'],
  ])('%s', (_, bytes, content) => {
    expect(contentOf(bytes, [saved(STATE)], false)).toBe(content);
  });

  it('what was not called good says nothing', () => {
    for (const bytes of [STATE, STATE.subarray(0, 100), longer, flipped(7)])
      expect(contentOf(bytes, [saved(STATE, false)], false)).toBe('unknown');
  });

  it('a pattern of ours is foreign unless it resembles a state', () => {
    expect(contentOf(stateOf(64, 9), [saved(STATE)], true)).toBe('foreign');
    expect(contentOf(stateOf(64, 9), [saved(STATE)], false)).toBe('unknown');
    expect(contentOf(STATE.subarray(0, 64), [saved(STATE)], true)).toBe('truncated');
  });

  it('an equal state outweighs another that it resembles, in any order', () => {
    const states = [saved(STATE.subarray(0, 50)), saved(STATE), saved(flipped(3)), saved(longer)];
    expect(contentOf(STATE, states, false)).toBe('valid');
    expect(contentOf(STATE, [...states].reverse(), false)).toBe('valid');
  });

  it('every beginning is truncated, and every continuation trails', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, (head, tail) => {
        const whole = Uint8Array.from([...head, ...tail]);
        expect(contentOf(head, [saved(whole)], false)).toBe('truncated');
        expect(contentOf(whole, [saved(head)], false)).toBe('trailing');
        expect(contentOf(whole, [saved(whole)], true)).toBe('valid');
      }),
    );
  });
});
