import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatValue64, parseValue64, Value64Error } from '../../../model/wire/index.js';

const value = fc.bigInt(0n, 2n ** 64n - 1n);
const problem = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return error instanceof Value64Error ? error.problem : 'another error';
  }
  return undefined;
};

describe('parseValue64', () => {
  it.each([
    [0, 0n],
    [300, 300n],
    ['7', 7n],
    ['0x10', 16n],
    ['0xFFFFFFFFFFFFFFFF', 2n ** 64n - 1n],
    ['18446744073709551615', 2n ** 64n - 1n],
    [' 0x1 ', 1n],
  ])('reads %s without an offer', (text, expected) => {
    expect(parseValue64(text)).toBe(expected);
  });

  it.each([
    ['offered', 0b1011n],
    ['offered & 0x8', 8n],
    ['offered & 4', 0n],
    ['offered & ~0x8', 0b0011n],
    ['offered&~8', 0b0011n],
    ['offered & ~0', 0b1011n],
  ])('reads %s of what was offered', (text, expected) => {
    expect(parseValue64(text, 0b1011n)).toBe(expected);
  });

  it('keeps within 64 bits', () => {
    fc.assert(
      fc.property(value, value, (offered, mask) => {
        const kept = parseValue64(`offered & ~0x${mask.toString(16)}`, offered);
        const taken = parseValue64(`offered & ${mask}`, offered);
        expect(kept | taken).toBe(offered);
        expect(kept & taken).toBe(0n);
      }),
    );
  });

  it.each([
    '',
    '0x',
    '0xg',
    '1.5',
    '-1',
    '1e3',
    'offered &',
    'offered | 1',
    'offer',
    '~1',
    '1 & offered',
    'offered & ~~1',
  ])('refuses "%s"', (text) => {
    expect(problem(() => parseValue64(text, 1n))).toBe('syntax');
  });

  it.each([
    -1,
    1.5,
    Number.NaN,
    2 ** 53,
    '0x10000000000000000',
    '18446744073709551616',
    'offered & 0x10000000000000000',
  ])('refuses %s as out of range', (text) => {
    expect(problem(() => parseValue64(text, 1n))).toBe('range');
  });

  it('tells apart that nothing was offered', () => {
    expect(problem(() => parseValue64('offered'))).toBe('nothing-offered');
    expect(problem(() => parseValue64('offered & ~0x1'))).toBe('nothing-offered');
    expect(parseValue64('offered', 0n)).toBe(0n);
  });
});

describe('formatValue64', () => {
  it('writes what parses to the same', () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(parseValue64(formatValue64(v))).toBe(v);
      }),
    );
    expect([formatValue64(255n), formatValue64(256n)]).toEqual([255, '0x100']);
  });
});
