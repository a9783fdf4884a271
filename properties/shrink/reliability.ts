/** Of `n` runs `k` showed what was looked for. */
export interface Rate {
  readonly k: number;
  readonly n: number;
}

/** Runs that tell whether a trace always shows its violation … */
export const FEW = 5;
/** … and, where it does not, how often. */
export const MANY = 20;
/** With this probability something as frequent as the original is seen at least once. */
const CONFIDENCE = 0.95;

/** How many runs it takes to see something of this rate at least once with a probability of 95 %; one if it is always there. */
export function triesFor({ k, n }: Rate): number {
  if (n === 0 || k >= n) return 1;
  const missing = 1 - Math.max(k, 0.5) / n;
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(missing));
}
