import { describe, expect, test } from 'vitest';
import { runTrace } from '../../../harness/index.js';
import { moods, probe, referenceProfile, traces } from '../../../properties/generate/index.js';
import { sample, withReference } from './support.js';

const DEADLINE = 1_000;

describe('on the reference back-end', () => {
  test('the probe finds what it offers', async () => {
    await withReference(async (target, workDir) => {
      const { stateSize, ...rest } = await probe(target, DEADLINE, workDir);
      const { stateSize: _, ...expected } = referenceProfile;
      expect(rest).toEqual(expected);
      expect(stateSize).toBeGreaterThan(192 * 1024);
    });
    await withReference(
      async (target, workDir) => {
        expect(await probe(target, DEADLINE, workDir)).toMatchObject({ ownChannel: true });
      },
      ['--own-channel', '--state-size', '1000'],
    );
  });

  for (const mood of moods) {
    test(`300 traces run, few steps are skipped, and little is waited for: ${mood}`, async () => {
      await withReference(async (target, workDir) => {
        let steps = 0;
        const skipped: string[] = [];
        let quiet = 0;
        for (const trace of sample(traces({ profile: referenceProfile, moods: [mood] }), 300, 42)) {
          const { events } = await runTrace(trace, target, { deadlineMs: 250, workDir });
          steps += trace.length;
          for (const event of events) {
            if (event.type === 'skipped') skipped.push(`${JSON.stringify(trace[event.step])}: ${event.reason}`);
            if (event.type === 'quiet') quiet++;
          }
        }
        const most = { lawful: 0.01, open: 0.03, hostile: 0.08 }[mood];
        expect(skipped.length / steps, skipped.slice(0, 20).join('\n')).toBeLessThan(most);
        expect(quiet / steps).toBeLessThan(most / 2);
      });
    }, 300_000);
  }
});
