/** Below this every smaller number is tried, above only a few on the way down. */
const SMALL = 4;

/** Smaller numbers than `n`, from `least` up: the smallest, the half, three quarters, and for small ones the next. */
export function count(n: number, least = 0): readonly number[] {
  if (n <= least) return [];
  const span = n - least;
  const all = [least, least + 1, least + (span >> 1), n - Math.floor(span / 4), ...(span <= SMALL ? [n - 1] : [])];
  return [...new Set(all.filter((candidate) => candidate >= least && candidate < n))];
}

/** The object with one key set to each of the values. */
export const keep = <T extends object, K extends keyof T>(object: T, key: K, values: Iterable<T[K]>): T[] =>
  [...values].map((value) => ({ ...object, [key]: value }));

/** Shorter and plainer byte strings, in hexadecimal. */
export function hexes(hex: string): readonly string[] {
  const bytes = hex.length / 2;
  const shorter = count(bytes).map((length) => hex.slice(0, 2 * length));
  const zeros = '00'.repeat(bytes);
  return zeros === hex ? shorter : [...shorter, zeros];
}

/** Bits that are cleared one by one: of more, only the lowest and the highest are left alone. */
const MANY_BITS = 12;

/** Simpler bit sets: a single bit, or one bit less. */
export function bits(word: bigint): readonly bigint[] {
  const set: bigint[] = [];
  for (let bit = 0n; bit < 64n; bit++) if ((word >> bit) & 1n) set.push(1n << bit);
  if (set.length < 2) return [];
  const less = set.length <= MANY_BITS ? set.map((bit) => word & ~bit) : [];
  return [...new Set([set[0]!, set.at(-1)!, ...less])];
}
