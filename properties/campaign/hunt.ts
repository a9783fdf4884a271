import type { Trace } from '../../harness/trace/step.js';
import type { Finding, Judgement } from '../finding.js';
import { MAX_EXECUTIONS, type Other, type ShrinkOptions, shrink } from '../shrink/index.js';
import { confirm, patienceFor, type Sighting } from './confirm.js';
import { findingOf } from './finding-of.js';
import type { Lab, Outcome } from './lab.js';
import { campaignLimits as limits } from './limits.js';

export interface Hunted {
  readonly finding: Finding;
  /** Violations of other signatures that were met on the way. */
  readonly others: readonly Sighting[];
}

/** The finding as it is before it is shrunk. */
export const unshrunk = (sighting: Sighting, deadlineMs: number): Finding =>
  findingOf(sighting, {
    // Once when it was met, once when it was confirmed.
    reproduces: { k: 1, n: 1 },
    originalSteps: sighting.trace.length,
    executions: 0,
    deadlineMs,
  });

/**
 * Shrink a confirmed violation. One that rests on something not coming costs a deadline whenever it shows: such a one is shrunk in haste
 * first, and once more with all due patience where the result does not show when one waits longer. Where that does
 * not help either, the trace stays as it was.
 */
export async function hunt(
  sighting: Sighting,
  lab: Pick<Lab, 'deadlineMs'>,
  run: Lab['run'],
  options: Omit<ShrinkOptions, 'shown'>,
): Promise<Hunted> {
  const stop = options.stop ?? (() => false);
  const others: Sighting[] = [];
  let executions = 0;
  for (const patience of isTimedSighting(sighting) ? [hasty(lab.deadlineMs), 1] : [1]) {
    const maxExecutions = (options.maxExecutions ?? MAX_EXECUTIONS) - executions;
    if (maxExecutions <= 0) break;
    const found = await shrinkAt(sighting, (trace) => run(trace, patience), { ...options, maxExecutions });
    if (found === undefined) continue;
    others.push(...found.others);
    executions += found.executions;
    const { smallest, reproduces } = found;
    const sure = !isTimedSighting(smallest) || stop() || (await confirm(smallest, run, stop)) !== undefined || stop();
    if (!sure) continue;
    const facts = { reproduces, executions, originalSteps: sighting.trace.length, deadlineMs: lab.deadlineMs };
    return { finding: findingOf(smallest, facts), others };
  }
  return { finding: { ...unshrunk(sighting, lab.deadlineMs), executions }, others };
}

const isTimedSighting = (sighting: Sighting): boolean => patienceFor(sighting) === limits.confirmTimedPatience;

/** As a share of the deadline. */
const hasty = (deadlineMs: number): number => Math.min(1, Math.max(limits.hastyPatience, limits.hastyMs / deadlineMs));

interface Small {
  readonly smallest: Sighting;
  readonly reproduces: Finding['reproduces'];
  readonly executions: number;
  readonly others: readonly Sighting[];
}

async function shrinkAt(
  { trace, violation, outcome }: Sighting,
  run: (trace: Trace) => Promise<Outcome>,
  options: ShrinkOptions,
): Promise<Small | undefined> {
  const outcomes = new WeakMap([[outcome.judgement, outcome]]);
  const execute = async (candidate: Trace): Promise<Judgement> => {
    const result = await run(candidate);
    outcomes.set(result.judgement, result);
    return result.judgement;
  };
  const shrunk = await shrink(trace, violation.signature, execute, { ...options, shown: outcome.judgement });
  if (shrunk === undefined) return undefined;
  const seen = (other: Other): Sighting => ({
    violation: other.violation,
    trace: other.trace,
    outcome: outcomes.get(other.judgement)!,
  });
  const { reproduces, executions } = shrunk;
  return { smallest: seen(shrunk), reproduces, executions, others: shrunk.others.map(seen) };
}
