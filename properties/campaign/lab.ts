import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { openTarget } from '../../backends/index.js';
import type { History } from '../../harness/history.js';
import { calibrate, runTrace } from '../../harness/index.js';
import { printSteps } from '../../harness/trace/file.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Judgement } from '../finding.js';
import { Coverage, probe, traces } from '../generate/index.js';
import { judge } from '../judge/index.js';
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
  /** Run it and judge it. @param patience how many times the deadline a due answer is waited for */
  run(trace: Trace, patience?: number): Promise<Outcome>;
  /** Generation goes where it was not yet. */
  learn(judgement: Judgement): void;
  /** Generation goes there more rarely: what it leads to is known. */
  avoid(transition: string): void;
  close(): Promise<void>;
}

export type OpenLab = (options: WorkerOptions) => Promise<Lab>;

/**
 * Open the target, find out how long its answers take and what it offers.
 * @throws UserError where it cannot be started or talked to
 */
export const openLab: OpenLab = async (options) => {
  const { spec, reuse, workDir, inProcess, variants } = options;
  mkdirSync(workDir, { recursive: true });
  const target = await openTarget(spec, { reuse, spares: limits.spares, workDir, inProcess });
  try {
    const deadlineMs = options.deadlineMs ?? (await calibrate(target));
    const profile = await probe(target, deadlineMs, workDir);
    const coverage = new Coverage();
    const arbitrary = traces({ profile, moods: options.moods, coverage });
    const judging = {
      variants,
      comparable: target.comparable,
      levels: new Set(options.levels),
      ...(options.clauses === undefined ? {} : { clauses: options.clauses }),
    };
    return {
      backend: { name: target.name, version: target.version },
      deadlineMs,
      generate: (index) => fc.sample(arbitrary, { seed: traceSeed(options.seed, index), numRuns: 1 })[0]!,
      async run(trace, patience = 1) {
        const waitMs = deadlineMs * patience;
        const traceMs = Math.max(limits.traceMs, limits.traceDeadlines * waitMs);
        const history = await runTrace(trace, target, { deadlineMs: waitMs, workDir, reuse, traceMs });
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
      close: () => target.dispose(),
    };
  } catch (error) {
    await target.dispose();
    throw error;
  }
};
