/** What steps are called in signatures and in coverage. */
import type { Step } from '../../harness/trace/step.js';
import type { Req } from '../../model/session/index.js';
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

/** What a message of this label is called where transitions are counted: in pieces it is another one. */
export const transitionOf = (label: string, { fragmented }: Pick<Req, 'fragmented'>): string =>
  fragmented ? `${label} in pieces` : label;
