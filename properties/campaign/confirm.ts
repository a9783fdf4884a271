import type { History, HistoryEvent } from '../../harness/history.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Violation } from '../finding.js';
import type { Lab, Outcome } from './lab.js';
import { campaignLimits as limits } from './limits.js';

/** A violation that showed, with the run that showed it. */
export interface Sighting {
  readonly trace: Trace;
  readonly violation: Violation;
  readonly outcome: Outcome;
  /** Steps of the trace that first showed it, before anything was cut off. */
  readonly originalSteps: number;
}

/** Whether a violation rests on something that did not come in time: a busy machine can look like that. */
export function isTimed({ step, on }: Violation, trace: Trace, { events }: History): boolean {
  return step >= trace.length || events.some((event) => event.step === step && event.on === on && isWait(event));
}

function isWait(event: HistoryEvent): boolean {
  switch (event.type) {
    case 'held':
      return event.names.length > 0;
    case 'quiet':
    case 'skipped':
    case 'refused':
      return true;
    case 'wrote':
    case 'read':
      return event.outcome === 'blocked';
    default:
      return false;
  }
}

/** How many times the deadline is waited before a violation counts. */
export const patienceFor = ({ violation, trace, outcome }: Sighting): number =>
  isTimed(violation, trace, outcome.history) ? limits.confirmTimedPatience : limits.confirmPatience;

/**
 * See it again, with more patience: first without what comes behind the step that shows it, which is not judged but costs
 * time, then the whole trace.
 * @param stop ends it behind the first try
 * @returns the run that showed it, with the trace that was run
 */
export async function confirm(sighting: Sighting, run: Lab['run'], stop: () => boolean): Promise<Sighting | undefined> {
  const patience = patienceFor(sighting);
  const tries = patience === limits.confirmTimedPatience ? limits.confirmTimedTries : limits.confirmTries;
  const { trace, violation } = sighting;
  const cut = trace.slice(0, violation.step + 1);
  for (let i = 0; i < tries && (i === 0 || !stop()); i++) {
    const tried = i === 0 ? cut : trace;
    const outcome = await run(tried, { patience, wanted: violation });
    const again = outcome.judgement.violations.find((v) => v.signature === violation.signature);
    if (again !== undefined) return { ...sighting, trace: tried, violation: again, outcome };
  }
  return undefined;
}
