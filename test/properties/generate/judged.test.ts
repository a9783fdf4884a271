import { describe, expect, test } from 'vitest';
import { runTrace } from '../../../harness/index.js';
import { printSteps } from '../../../harness/trace/file.js';
import {
  Coverage,
  type Mood,
  moods,
  type Profile,
  referenceProfile,
  traces,
} from '../../../properties/generate/index.js';
import { judge } from '../../../properties/judge/index.js';
import { sample, withReference } from './support.js';

/** Run traces one after another, each going where those before it did not. @returns violations, with their traces. */
async function campaign(mood: Mood, profile: Profile, args: string[] = []): Promise<string[]> {
  const coverage = new Coverage();
  const arbitrary = traces({ profile, moods: [mood], coverage });
  const found: string[] = [];
  await withReference(async (target, workDir) => {
    for (let seed = 0; seed < 500; seed++) {
      const trace = sample(arbitrary, 1, seed)[0]!;
      const history = await runTrace(trace, target, { deadlineMs: 1_000, workDir });
      const { violations, transitions } = judge(trace, history, { variants: {}, comparable: true });
      for (const transition of transitions) coverage.visit(transition);
      for (const { signature, step } of violations) found.push(`${signature} at ${step} of\n${printSteps(trace)}`);
    }
  }, args);
  expect(coverage.size).toBeGreaterThan(100);
  return found;
}

describe('500 traces show nothing on a conformant back-end', () => {
  for (const mood of moods) {
    test(mood, async () => {
      expect(await campaign(mood, referenceProfile)).toEqual([]);
    }, 300_000);
  }

  test('with its own channel', async () => {
    expect(await campaign('open', { ...referenceProfile, ownChannel: true }, ['--own-channel'])).toEqual([]);
  }, 300_000);
});
