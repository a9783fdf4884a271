import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownDirectory } from '../backends/cleanup.js';
import { openTarget, type TargetSpec } from '../backends/index.js';
import type { History } from '../harness/history.js';
import { calibrate, runTrace } from '../harness/index.js';
import type { Trace } from '../harness/trace/step.js';
import { findingOf } from './campaign/finding-of.js';
import type { Finding, Judgement, Level } from './finding.js';
import { judge } from './judge/index.js';
import { shrink } from './shrink/index.js';

/** How a stored trace is run. */
export interface ReplayOptions {
  readonly spec: TargetSpec;
  /** How many times. */
  readonly runs: number;
  /** A due answer is waited for at least this long; longer where this back-end needs it. */
  readonly deadlineMs?: number;
  /** Answers to open questions that the back-end has to give. */
  readonly variants: Readonly<Record<string, string>>;
  readonly levels: ReadonlySet<Level>;
  /** The reference back-end runs in this process: for tests. */
  readonly inProcess?: boolean;
}

/** How a stored trace is shrunk. */
export interface ShrinkTraceOptions extends ReplayOptions {
  readonly maxExecutions: number;
  onProgress?(executions: number): void;
}

/** Back-ends that are started ahead, at most. */
const SPARES = 2;

interface Bench {
  readonly deadlineMs: number;
  run(trace: Trace): Promise<{ readonly history: History; readonly judgement: Judgement }>;
}

/** Run a trace several times. @throws UserError where the back-end cannot be started or talked to */
export function replayTrace(
  trace: Trace,
  options: ReplayOptions,
): Promise<{ readonly runs: number; readonly judgements: readonly Judgement[] }> {
  // Not more than there will be runs for.
  const spares = Math.min(SPARES, Math.max(0, options.runs - 1));
  return atBench(options, spares, async (bench) => {
    const judgements: Judgement[] = [];
    for (let i = 0; i < options.runs; i++) judgements.push((await bench.run(trace)).judgement);
    return { runs: judgements.length, judgements };
  });
}

/**
 * Make a trace as small as it goes.
 * @param signature of the violation that is to be kept; when left out that of the first one that shows
 * @returns undefined where the trace shows no violation, or not this one
 * @throws UserError where the back-end cannot be started or talked to
 */
export function shrinkTrace(
  trace: Trace,
  signature: string | undefined,
  options: ShrinkTraceOptions,
): Promise<Finding | undefined> {
  return atBench(options, SPARES, async (bench) => {
    const histories = new WeakMap<Judgement, History>();
    let executions = 0;
    const execute = async (candidate: Trace): Promise<Judgement> => {
      const { history, judgement } = await bench.run(candidate);
      histories.set(judgement, history);
      executions++;
      options.onProgress?.(executions);
      return judgement;
    };
    let shown: Judgement | undefined;
    for (let i = 0; i < options.runs && signature === undefined && i < options.maxExecutions; i++) {
      shown = await execute(trace);
      signature = shown.violations[0]?.signature;
    }
    if (signature === undefined) return undefined;
    const shrunk = await shrink(trace, signature, execute, {
      maxExecutions: options.maxExecutions - executions,
      ...(shown === undefined ? {} : { shown }),
    });
    if (shrunk === undefined) return undefined;
    const { judgement, violation, reproduces, minimal } = shrunk;
    const outcome = { judgement, history: histories.get(judgement)! };
    const sighting = { trace: shrunk.trace, violation, outcome, originalSteps: trace.length };
    return findingOf(sighting, {
      reproduces,
      executions,
      minimal,
      deadlineMs: bench.deadlineMs,
    });
  });
}

/** With a target that is ready, and a folder for the files of its traces; both are gone afterwards. */
async function atBench<T>(options: ReplayOptions, spares: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const { spec, variants, levels, inProcess = false } = options;
  const workDir = await mkdtemp(join(tmpdir(), 'vhost-check-'));
  const remove = ownDirectory(workDir);
  try {
    const target = await openTarget(spec, { reuse: false, spares, workDir, inProcess });
    try {
      const deadlineMs = Math.max(options.deadlineMs ?? 0, await calibrate(target));
      const { comparable } = target;
      return await work({
        deadlineMs,
        async run(trace) {
          const history = await runTrace(trace, target, { deadlineMs, workDir });
          return { history, judgement: judge(trace, history, { variants, comparable, levels }) };
        },
      });
    } finally {
      await target.dispose();
    }
  } finally {
    remove();
  }
}
