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
}

/** Whether a violation rests on something that did not come in time: a busy machine can look like that. */
export function isTimed({ step, on }: Violation, trace: Trace, { events }: History): boolean {
  return step >= trace.length || events.some((event) => event.step === step && event.on === on && isWait(event));
}

function isWait(event: HistoryEvent): boolean {
  switch (event.type) {
    case 'quiet':
    case 'held':
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
 * See it again, with more patience.
 * @param stop ends it: then it was not confirmed
 * @returns the run that showed it, with how many it took
 */
export async function confirm(sighting: Sighting, run: Lab['run'], stop: () => boolean): Promise<Sighting | undefined> {
  const patience = patienceFor(sighting);
  const tries = patience === limits.confirmTimedPatience ? limits.confirmTimedTries : limits.confirmTries;
  for (let i = 0; i < tries && !stop(); i++) {
    const outcome = await run(sighting.trace, patience);
    const again = outcome.judgement.violations.find((v) => v.signature === sighting.violation.signature);
    if (again !== undefined) return { trace: sighting.trace, violation: again, outcome };
  }
  return undefined;
}
