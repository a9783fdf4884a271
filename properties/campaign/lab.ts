import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ownDirectory } from '../../backends/cleanup.js';
import { openTarget } from '../../backends/index.js';
import type { History } from '../../harness/history.js';
import { calibrate, runTrace } from '../../harness/index.js';
import type { Target } from '../../harness/target.js';
import { printSteps } from '../../harness/trace/file.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Judgement, Violation } from '../finding.js';
import { Coverage, probe, traces } from '../generate/index.js';
import { judge } from '../judge/index.js';
import { enough } from './enough.js';
import { campaignLimits as limits } from './limits.js';
import type { WorkerOptions } from './options.js';
import { traceSeed } from './seed.js';

/** A trace that was run and judged. */
export interface Outcome {
  readonly history: History;
  readonly judgement: Judgement;
}

/** What a worker works with: one target, and traces for it. */
export interface Lab {
  readonly backend: { readonly name: string; readonly version: string };
  readonly deadlineMs: number;
  /** The trace of this number. It depends on what `learn` was told before. */
  generate(index: number): Trace;
  /** Run it and judge it. */
  run(trace: Trace, how?: How): Promise<Outcome>;
  /** Generation goes where it was not yet. */
  learn(judgement: Judgement): void;
  /** Generation goes there more rarely: what it leads to is known. */
  avoid(transition: string): void;
  close(): Promise<void>;
}

/** How a trace is run that is run again. */
export interface How {
  /** How many times the deadline a due answer is waited for; once when left out. */
  readonly patience?: number;
  /** All that is wanted to know is whether this shows: nothing need be run behind it, or behind what excludes it. */
  readonly wanted?: Violation;
}

export type OpenLab = (options: WorkerOptions) => Promise<Lab>;

/**
 * Open the target, find out how long its answers take and what it offers. Files of its traces are in a folder of its own,
 * which goes with it.
 * @throws UserError where it cannot be started or talked to
 */
export const openLab: OpenLab = async (options) => {
  const { spec, reuse, inProcess } = options;
  const workDir = await mkdtemp(join(tmpdir(), 'vhost-check-'));
  const remove = ownDirectory(workDir);
  let target: Target | undefined;
  const close = async () => {
    await target?.dispose();
    remove();
  };
  try {
    target = await openTarget(spec, { reuse, spares: limits.spares, workDir, inProcess });
    return { ...(await equip(options, target, workDir)), close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What a worker does with a target that is open already. */
export async function equip(options: WorkerOptions, target: Target, workDir: string): Promise<Omit<Lab, 'close'>> {
  const { reuse, variants, moods, seed, clauses } = options;
  const deadlineMs = options.deadlineMs ?? (await calibrate(target));
  const profile = await probe(target, deadlineMs, workDir);
  const coverage = new Coverage();
  const arbitrary = traces({ profile, moods, coverage });
  const judging = {
    variants,
    comparable: target.comparable,
    levels: new Set(options.levels),
    ...(clauses === undefined ? {} : { clauses }),
  };
  return {
    backend: { name: target.name, version: target.version },
    deadlineMs,
    generate: (index) => fc.sample(arbitrary, { seed: traceSeed(seed, index), numRuns: 1 })[0]!,
    async run(trace, { patience = 1, wanted } = {}) {
      const waitMs = Math.ceil(deadlineMs * patience);
      const traceMs = Math.min(Math.max(limits.traceMs, limits.traceDeadlines * waitMs), limits.longestTraceMs);
      const breakOff = wanted && { until: enough(trace, wanted, judging) };
      const history = await runTrace(trace, target, { deadlineMs: waitMs, workDir, reuse, traceMs, ...breakOff });
      try {
        return { history, judgement: judge(trace, history, judging) };
      } catch (error) {
        throw new Error(`cannot judge this trace:\n${printSteps(trace)}`, { cause: error });
      }
    },
    learn(judgement) {
      for (const transition of judgement.transitions) coverage.visit(transition);
    },
    avoid: (transition) => coverage.avoid(transition),
  };
}
