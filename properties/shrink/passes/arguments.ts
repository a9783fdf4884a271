import type { Step, Trace } from '../../../harness/trace/step.js';
import { simplerLinger, simplerRead, simplerWrite } from '../arguments/channel.js';
import { simplerMessage, unanswered } from '../arguments/message.js';
import { count, keep } from '../arguments/numbers.js';
import { simplerKind, simplerObject } from '../arguments/object.js';
import type { Search } from '../search.js';

/** Every argument to the simplest of its domain that still shows it. */
export async function simplerArguments(search: Search): Promise<void> {
  for (let index = 0; index < search.trace.length; index++) {
    while (await simplify(search, index));
  }
}

async function simplify(search: Search, index: number): Promise<boolean> {
  for (const candidate of simpler(search.trace, index)) if (await search.try(candidate)) return true;
  return false;
}

/** The traces in which one step is simpler, the simplest first. */
function* simpler(trace: Trace, index: number): Iterable<Trace> {
  const step = trace[index];
  if (step === undefined) return;
  if (step.do === 'send' && !unanswered(step)) {
    const call: Step = { ...step, do: 'call' };
    yield withoutAwait(trace.with(index, call), index);
    yield trace.with(index, call);
  }
  if (step.do === 'open') yield* simplerKind(trace, step);
  for (const other of simplerStep(step)) yield trace.with(index, other);
}

function simplerStep(step: Step): Iterable<Step> {
  switch (step.do) {
    case 'call':
    case 'send':
      return simplerMessage(step);
    case 'open':
      return simplerObject(step);
    case 'write':
      return simplerWrite(step);
    case 'read':
      return simplerRead(step);
    case 'linger':
      return simplerLinger(step);
    case 'await':
      return keep(step, 'replies', count(step.replies, 1));
    case 'shutdown':
      return step.how === 'both' ? [] : [{ ...step, how: 'both' }];
    default:
      return [];
  }
}

/** A call awaits its reply itself: one reply less is due at the next `await` of its session. */
function withoutAwait(trace: Trace, index: number): Trace {
  const call = trace[index] as { readonly on?: string };
  const at = trace.findIndex((step, i) => i > index && step.do === 'await' && step.on === call.on);
  const step = trace[at];
  if (step?.do !== 'await') return trace;
  return step.replies > 1 ? trace.with(at, { ...step, replies: step.replies - 1 }) : trace.toSpliced(at, 1);
}
