import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openTarget } from '../../../backends/index.js';
import type { Target } from '../../../harness/index.js';
import { Dice } from '../../../properties/generate/dice.js';
import { Coverage, type Mood, referenceProfile, type Walk, walk } from '../../../properties/generate/index.js';

/** Values of an arbitrary's own making, always the same ones. */
export const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number, seed = 1): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed });

/** Walks one after another, each with what it is made of. */
export class WalkArbitrary extends fc.Arbitrary<Walk> {
  constructor(
    readonly moods: readonly Mood[],
    readonly coverage = new Coverage(),
    readonly profile = referenceProfile,
  ) {
    super();
  }
  override generate(mrng: fc.Random): fc.Value<Walk> {
    const dice = new Dice(mrng);
    const { profile, coverage } = this;
    return new fc.Value(walk(dice, { profile, coverage, mood: dice.pick(this.moods), maxSteps: 80 }), undefined);
  }
  override canShrinkWithoutContext(_: unknown): _ is Walk {
    return false;
  }
  override shrink(): fc.Stream<fc.Value<Walk>> {
    return fc.Stream.nil();
  }
}

/** The reference back-end on our own event loop, for as long as `use` takes. */
export async function withReference<T>(
  use: (target: Target, workDir: string) => Promise<T>,
  args: string[] = [],
): Promise<T> {
  const workDir = mkdtempSync(join(tmpdir(), 'vhost-check-generate-'));
  const target = await openTarget(
    { kind: 'builtin', name: 'reference', args },
    { reuse: true, spares: 0, inProcess: true, workDir },
  );
  try {
    return await use(target, workDir);
  } finally {
    await target.dispose();
    rmSync(workDir, { recursive: true });
  }
}
