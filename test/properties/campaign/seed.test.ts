import { describe, expect, it } from 'vitest';
import { traceSeed } from '../../../properties/campaign/seed.js';

describe('traceSeed', () => {
  it('is a 32-bit number, the same each time', () => {
    for (const seed of [0, 1, 42, 2 ** 31 - 1]) {
      expect(traceSeed(seed, 5)).toBe(traceSeed(seed, 5));
      expect(traceSeed(seed, 5) | 0).toBe(traceSeed(seed, 5));
    }
  });

  it('differs for neighbouring seeds and traces', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) =>
      Array.from({ length: 40 }, (_, i) => traceSeed(seed, i)),
    ).flat();
    expect(new Set(seeds).size).toBe(1_600);
  });
});
