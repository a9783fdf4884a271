/** Attraction of what was taken very often, and what is left of it where it is to be avoided. */
const LEAST = 0.04;
const AVOIDED = 0.1;

/**
 * How often transitions of the model were taken, by `situation|label` (see `Judgement.transitions`). Generation goes for
 * those that were taken least; it reads the counts and never changes them.
 */
export class Coverage {
  readonly #counts = new Map<string, number>();
  readonly #avoided = new Set<string>();

  /** The number of different transitions that were taken. */
  get size(): number {
    return this.#counts.size;
  }

  /** A transition was taken once more. */
  visit(key: string): void {
    this.#counts.set(key, this.count(key) + 1);
  }

  /** How often it was taken. */
  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Seek it no more: what it leads to is known. It is still taken now and then. */
  avoid(key: string): void {
    this.#avoided.add(key);
  }

  /** How much it should be sought, above 0 to 1. It falls with the square of the logarithm, and not for ever: a transition that
   * the back-end never takes, whatever is tried, must not starve all others. */
  attraction(key: string): number {
    const seen = 1 + Math.log2(1 + this.count(key));
    return (this.#avoided.has(key) ? AVOIDED : 1) * Math.max(LEAST, 1 / (seen * seen));
  }
}
