import type { Finding, Judgement } from '../finding.js';
import { type Other, type ShrinkOptions, shrink } from '../shrink/index.js';
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
 * Shrink a confirmed violation. Where the smallest trace does not show it when one waits longer, it was a busy machine that
 * made it small, and the trace stays as it was.
 */
export async function hunt(
  sighting: Sighting,
  lab: Pick<Lab, 'deadlineMs'>,
  run: Lab['run'],
  options: Omit<ShrinkOptions, 'shown'>,
): Promise<Hunted> {
  const outcomes = new WeakMap<Judgement, Outcome>();
  const { signature } = sighting.violation;
  const execute = async (trace: Sighting['trace']) => {
    const outcome = await run(trace);
    outcomes.set(outcome.judgement, outcome);
    return outcome.judgement;
  };
  outcomes.set(sighting.outcome.judgement, sighting.outcome);
  const shrunk = await shrink(sighting.trace, signature, execute, { ...options, shown: sighting.outcome.judgement });
  const before = unshrunk(sighting, lab.deadlineMs);
  if (shrunk === undefined) return { finding: before, others: [] };
  const seen = ({ violation, trace, judgement }: Pick<Other, 'violation' | 'trace' | 'judgement'>): Sighting => ({
    violation,
    trace,
    outcome: outcomes.get(judgement)!,
  });
  const others = shrunk.others.map(seen);
  const smallest = seen(shrunk);
  const { executions, reproduces } = shrunk;
  const timed = patienceFor(smallest) === limits.confirmTimedPatience;
  const stop = options.stop ?? (() => false);
  if (timed && executions > 0 && !stop() && (await confirm(smallest, run, stop)) === undefined && !stop()) {
    return { finding: { ...before, executions }, others };
  }
  const facts = { reproduces, executions, originalSteps: sighting.trace.length, deadlineMs: lab.deadlineMs };
  return { finding: findingOf(smallest, facts), others };
}
