import type { Trace } from '../../harness/trace/step.js';
import type { Judgement, Violation } from '../finding.js';
import { singles } from './passes/chunks.js';
import { passes } from './passes/index.js';
import { names } from './passes/names.js';
import { pairs } from './passes/pairs.js';
import { FEW, MANY, type Rate } from './reliability.js';
import { Search } from './search.js';
import { steady } from './steady.js';
import { type Execute, NoMoreTrials, type Other, Trials } from './trials.js';

export interface ShrinkOptions {
  /** Runs in all, the measurements included; 600 when left out. */
  readonly maxExecutions?: number;
  /** A run of the trace that was made before and showed the signature. */
  readonly shown?: Judgement;
  /** Asked before each run: true ends it with the best so far. */
  readonly stop?: () => boolean;
  /** Told after each run how many there were. */
  readonly onProgress?: (executions: number) => void;
}

/** The smallest trace that was found. */
export interface Shrunk {
  readonly trace: Trace;
  /** As its last run showed it. */
  readonly violation: Violation;
  /** The run that showed it. */
  readonly judgement: Judgement;
  /** How often the trace shows the signature: of 5 runs where it always does, else of 20. */
  readonly reproduces: Rate;
  readonly executions: number;
  /** No step can be taken from it: false where the runs did not suffice to try. */
  readonly minimal: boolean;
  /** Violations of other signatures that were met on the way, each with the trace that showed it first. */
  readonly others: readonly Other[];
}

export const MAX_EXECUTIONS = 600;

/**
 * Find a smallest trace that shows the same signature. A violation that shows only sometimes is given as many tries as it needs to
 * show again with a probability of 95 %, were it as frequent as in the original trace.
 * @returns undefined where the trace does not show the signature (in 20 runs, or as many as were allowed).
 * @throws what `execute` throws
 */
export async function shrink(
  trace: Trace,
  signature: string,
  execute: Execute,
  options: ShrinkOptions = {},
): Promise<Shrunk | undefined> {
  const maxExecutions = options.maxExecutions ?? MAX_EXECUTIONS;
  const trials = new Trials(signature, execute, { ...options, maxExecutions });
  if (options.shown !== undefined) trials.add(trace, options.shown);
  const first = await trials.measure(trace);
  if (trials.shown(trace) === undefined) return undefined;
  let rate = first;
  const measuring = () => Math.min(rate.k === rate.n ? FEW : MANY, maxExecutions >> 2);
  const reserve = () => {
    trials.reserve = measuring() + Math.min(search.lastLook, maxExecutions >> 2);
  };
  const search = new Search(trials, trace, reserve);
  if (first.k < first.n && (await untilOver(() => steady(search))) && search.trace !== trace) {
    rate = await trials.measure(search.trace);
  }
  let minimal: boolean;
  let complete: boolean;
  do {
    search.demand(rate);
    reserve();
    complete = await reduce(search);
    if (!complete) {
      trials.reserve = measuring();
      complete = await untilOver(() => singles(search));
    }
    const reached = search.trace;
    rate = await settle(search, first.k < first.n && rate.k < rate.n);
    minimal = complete && search.trace === reached;
    // It shows more rarely than was thought: what was refused deserves more tries.
  } while (complete && !search.suffices(rate));
  const { violation, judgement } = trials.shown(search.trace)!;
  return {
    trace: search.trace,
    violation,
    judgement,
    reproduces: rate,
    executions: trials.executions,
    minimal,
    others: [...trials.others.values()],
  };
}

/**
 * How often a trace shows a signature: 5 runs, and 20 where not all of them show it or there is doubt whether all would.
 * @param stop ends it with the runs that were made
 */
export function measure(
  trace: Trace,
  signature: string,
  execute: Execute,
  stop: () => boolean,
  doubt: boolean,
): Promise<Rate> {
  return new Trials(signature, execute, { maxExecutions: MANY, stop }).measure(trace, doubt);
}

/** All passes to a fixed point. @returns false where the runs did not suffice. */
function reduce(search: Search): Promise<boolean> {
  return untilOver(async () => {
    for (let before: Trace | undefined; before !== search.trace; ) {
      before = search.trace;
      for (const pass of passes) await pass(search);
      if (before === search.trace) await pairs(search);
    }
    await names(search);
  });
}

/** @returns false where the runs did not suffice */
async function untilOver(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof NoMoreTrials)) throw error;
    return false;
  }
}

/** How often the smallest trace shows the signature. Where it was luck that it did, the one halfway back is looked at. */
async function settle(search: Search, doubt: boolean): Promise<Rate> {
  for (;;) {
    const rate = await search.trials.measure(search.trace, doubt);
    const last = search.accepted.length - 1;
    if (rate.k > 0 || last === 0) return rate.k > 0 ? rate : search.trials.known(search.trace);
    search.back(last >> 1);
  }
}
