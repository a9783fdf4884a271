import fc from 'fast-check';
import { test } from 'vitest';

/** A property as a test: fixed title, fixed seed, so that a failure shows again and mutation runs are comparable. */
export function prop<T>(
  title: string,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
  numRuns = 300,
): void {
  test(title, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => check(value)),
      { numRuns, seed: 20_231_107 },
    );
  });
}
