import type { History } from '../../harness/history.js';
import type { Finding } from '../finding.js';
import type { Sighting } from './confirm.js';
import { campaignLimits as limits } from './limits.js';

/** The facts that a sighting itself does not hold. */
export type Facts = Pick<Finding, 'reproduces' | 'executions' | 'minimal' | 'deadlineMs'>;

/** A finding as it is reported. */
export function findingOf({ violation, trace, outcome, originalSteps }: Sighting, facts: Facts): Finding {
  const stderr = lastWords(outcome.history, violation.on);
  return { ...violation, trace, originalSteps, ...facts, seen: 1, ...(stderr === undefined ? {} : { stderr }) };
}

/** What the back-end of a session said last, where it ended. */
function lastWords({ sessions }: History, on: string): string | undefined {
  const facts = sessions[on];
  if (facts?.exit === undefined) return undefined;
  const lines = facts.stderr.trimEnd().split('\n').slice(-limits.stderrLines);
  const text = lines.join('\n');
  return text === '' ? undefined : text;
}
