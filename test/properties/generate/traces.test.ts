import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTrace, parseTraceFile, printTraceFile } from '../../../harness/trace/file.js';
import type { Step, Trace } from '../../../harness/trace/step.js';
import { kinds } from '../../../properties/generate/action.js';
import {
  Coverage,
  moods,
  referenceProfile,
  repaired,
  smaller,
  traces,
  unknownProfile,
} from '../../../properties/generate/index.js';
import { sample, WalkArbitrary } from './support.js';

const SEED = 20_231_107;
const profile = referenceProfile;

const bytesOf = (trace: Trace): number =>
  trace.reduce(
    (sum, step) => sum + (step.do !== 'write' ? 0 : step.state !== undefined ? profile.stateSize : (step.pattern ?? 8)),
    0,
  );

describe('generated traces', () => {
  for (const mood of moods) {
    test(`are well formed and bounded: ${mood}`, () => {
      const lengths: number[] = [];
      let heavy = 0;
      for (const trace of sample(traces({ profile, moods: [mood] }), 1_000)) {
        expect(checkTrace(trace)).toBeUndefined();
        lengths.push(trace.length);
        if (bytesOf(trace) > 4 * 1024 * 1024) heavy++;
      }
      lengths.sort((a, b) => a - b);
      expect(lengths.at(-1)).toBeLessThanOrEqual(80);
      expect(lengths[500]).toBeLessThanOrEqual(40);
      expect(lengths[500]).toBeGreaterThan(15);
      expect(heavy).toBeLessThan(20);
    });
  }

  test('can be written down', () => {
    for (const steps of sample(traces({ profile }), 200)) {
      const file = { title: 'generated', verdict: 'pass', steps } as const;
      expect(parseTraceFile(printTraceFile(file), 'x.yaml').steps).toEqual(steps);
    }
  });

  test('are made for back-ends that offer nothing, or all, or bring a channel', () => {
    for (const one of [unknownProfile, { ...profile, protocolFeatures: 0xf_ffffn, ownChannel: true, queues: 1 }]) {
      for (const trace of sample(traces({ profile: one }), 300)) expect(checkTrace(trace)).toBeUndefined();
    }
  });

  test('are the same for the same seed, and others for another', () => {
    const coverage = new Coverage();
    coverage.visit('idle|GET_FEATURES');
    const make = (seed: number) => sample(traces({ profile, coverage }), 50, seed);
    expect(make(SEED)).toEqual(make(SEED));
    expect(make(SEED)).not.toEqual(make(SEED + 1));
    expect(coverage.size).toBe(1);
  });

  test('hold every kind of action in 2,000', () => {
    const seen = new Set(sample(new WalkArbitrary(moods), 2_000).flatMap(({ kinds: used }) => [...used]));
    expect(kinds.filter((kind) => !seen.has(kind))).toEqual([]);
  });

  test('see more of the model where they are told what was seen', () => {
    const distinct = (guided: boolean): number => {
      const coverage = new Coverage();
      const blind = new Coverage();
      const all = new WalkArbitrary(moods, guided ? coverage : blind);
      // One walk after another: each is told what those before it took.
      const source = fc.sample(fc.integer(), { numRuns: 600, seed: SEED });
      for (const seed of source) for (const key of sample(all, 1, seed)[0]!.keys) coverage.visit(key);
      return coverage.size;
    };
    expect(distinct(true)).toBeGreaterThan(distinct(false) * 1.05);
  });

  test('shrink to smaller well-formed traces, in a property of somebody else too', () => {
    const trace = sample(traces({ profile, moods: ['hostile'] }), 20).find(({ length }) => length > 15)!;
    const weight = (one: Trace): number => JSON.stringify(one).length;
    let count = 0;
    for (const one of smaller(trace)) {
      expect(checkTrace(one)).toBeUndefined();
      expect(one.length < trace.length || weight(one) <= weight(trace)).toBe(true);
      count++;
    }
    expect(count).toBeGreaterThan(trace.length);

    const isCheck = (step: Step) => 'message' in step && step.message === 'CHECK_DEVICE_STATE';
    const outcome = fc.check(
      fc.property(traces({ profile }), (one) => !one.some(isCheck)),
      { seed: SEED, numRuns: 500 },
    );
    expect(outcome.failed).toBe(true);
    const [smallest] = outcome.counterexample!;
    expect(smallest).toHaveLength(1);
    expect(isCheck(smallest[0]!)).toBe(true);
  });

  test('shrink without a context, if they are traces', () => {
    const arbitrary = traces({ profile });
    expect(arbitrary.canShrinkWithoutContext([{ do: 'close', name: 'pipe1' }])).toBe(false);
    expect(arbitrary.canShrinkWithoutContext('abc')).toBe(false);
    expect(arbitrary.canShrinkWithoutContext([{ do: 'call', message: 'GET_FEATURES' }])).toBe(true);
  });

  test('lose what hangs in the air', () => {
    const trace: Trace = [
      { do: 'close', name: 'pipe1.r' },
      { do: 'call', message: 'GET_FEATURES' },
      { do: 'connect', on: 'b' },
    ];
    expect(repaired(trace)).toEqual([{ do: 'call', message: 'GET_FEATURES' }]);
  });
});
