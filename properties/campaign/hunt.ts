import type { Trace } from '../../harness/trace/step.js';
import type { Finding, Judgement } from '../finding.js';
import { MAX_EXECUTIONS, measure, type Other, type ShrinkOptions, shrink } from '../shrink/index.js';
import { confirm, isTimed, type Sighting } from './confirm.js';
import { findingOf } from './finding-of.js';
import type { Lab, Outcome } from './lab.js';
import { campaignLimits as limits } from './limits.js';

export interface Hunted {
  readonly finding: Finding;
  /** The run that showed it, for those who go on from there. */
  readonly smallest: Sighting;
  /** Violations of other signatures that were met on the way. */
  readonly others: readonly Sighting[];
}

/** The finding as it is before it is shrunk. */
export const unshrunk = (sighting: Sighting, deadlineMs: number): Finding =>
  findingOf(sighting, {
    // Once when it was met, once when it was confirmed.
    reproduces: { k: 1, n: 1 },
    executions: 0,
    minimal: false,
    deadlineMs,
  });

/**
 * Shrink a confirmed violation. Many a candidate leaves us waiting for what does not come, for a deadline each time: so it
 * is done in haste first. Where the result does not show when one waits as long as one should, it is done once more
 * with all due patience; where that does not help either, the trace stays as it was.
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
  for (const patience of [hasty(lab.deadlineMs), 1]) {
    const maxExecutions = (options.maxExecutions ?? MAX_EXECUTIONS) - executions;
    if (maxExecutions <= 0) break;
    const small = await shrinkAt(sighting, (trace) => run(trace, { patience, wanted: sighting.violation }), {
      ...options,
      maxExecutions,
    });
    if (small === undefined) continue;
    others.push(...small.others);
    executions += small.executions;
    const reproduces = await verify(small, run, stop);
    if (reproduces === undefined) continue;
    const facts = { reproduces, executions, minimal: small.minimal, deadlineMs: lab.deadlineMs };
    const smallest = { ...small.smallest, originalSteps: sighting.originalSteps };
    return { finding: findingOf(smallest, facts), smallest, others };
  }
  return { finding: { ...unshrunk(sighting, lab.deadlineMs), executions }, smallest: sighting, others };
}

/** As a share of the deadline. */
const hasty = (deadlineMs: number): number => Math.min(1, Math.max(limits.hastyPatience, limits.hastyMs / deadlineMs));

/** How often the smallest trace shows it when one waits as long as one should; undefined where it does not. */
async function verify(
  { smallest, reproduces }: Small,
  run: Lab['run'],
  stop: () => boolean,
): Promise<Finding['reproduces'] | undefined> {
  // Each such run costs a deadline or more: that it still shows is enough.
  if (isTimed(smallest.violation, smallest.trace, smallest.outcome.history)) {
    return (await confirm(smallest, run, stop)) === undefined ? undefined : reproduces;
  }
  const execute = async (trace: Trace) => (await run(trace, { wanted: smallest.violation })).judgement;
  const rate = await measure(smallest.trace, smallest.violation.signature, execute, stop, reproduces.k < reproduces.n);
  return rate.n === 0 ? reproduces : rate.k > 0 ? rate : undefined;
}

interface Small {
  readonly smallest: Sighting;
  readonly reproduces: Finding['reproduces'];
  readonly executions: number;
  readonly minimal: boolean;
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
    originalSteps: other.trace.length,
  });
  const { reproduces, executions, minimal } = shrunk;
  return { smallest: seen(shrunk), reproduces, executions, minimal, others: shrunk.others.map(seen) };
}
