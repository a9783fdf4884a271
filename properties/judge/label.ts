/** What steps are called in signatures and in coverage. */
import type { Step } from '../../harness/trace/step.js';
import { requestName } from '../../model/wire/index.js';

/** @param flaw what is wrong with the message, if the step sends one; without a step: the end of the trace. */
export function labelOf(step: Step | undefined, flaw = ''): string {
  if (step === undefined) return 'end';
  if (step.do !== 'call' && step.do !== 'send') return step.do;
  const name =
    typeof step.message === 'number'
      ? step.message > 43 || step.message < 1
        ? 'UNKNOWN'
        : requestName(step.message)
      : step.message;
  return flaw === '' ? name : `${name} ${flaw}`;
}
