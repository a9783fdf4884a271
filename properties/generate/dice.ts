import type fc from 'fast-check';

/** Choices, all of them from one source of randomness: the same source in the same state makes the same choices. */
export class Dice {
  readonly #random: fc.Random;

  constructor(random: fc.Random) {
    this.#random = random;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return this.#random.nextInt(least, most);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.int(0, 9_999) < probability * 10_000;
  }

  /** One of a list that is not empty. */
  pick<const T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T;
  }

  /** One of a list, by weights that are not negative; undefined where all are zero. */
  weighted<T>(list: readonly T[], weight: (item: T) => number): T | undefined {
    const weights = list.map(weight);
    const sum = weights.reduce((all, one) => all + one, 0);
    if (!(sum > 0)) return undefined;
    let left = (this.int(0, 2 ** 30 - 1) / 2 ** 30) * sum;
    for (const [index, one] of weights.entries()) {
      left -= one;
      if (left < 0) return list[index];
    }
    return list.findLast((_, index) => weights[index]! > 0);
  }
}
