import type { Step, Trace } from '../../harness/trace/step.js';
import type { Search } from './search.js';

/** How long a back-end gets to do what it does by itself, milliseconds. */
const PAUSE_MS = 20;
/** Places that are tried, from the step that shows the violation back. */
const MOST = 16;
/** So many runs in a row must show it. */
const RUNS = 3;

/**
 * What shows only sometimes is often a race between us and the back-end, such as its closing of a channel against our next
 * write. Give it time to win: a pause at one place, with which the trace shows it always. @throws NoMoreTrials
 */
export async function steady(search: Search): Promise<void> {
  const { trace, violation } = search;
  const last = Math.min(violation.step, trace.length - 1);
  const places = Array.from({ length: last + 1 }, (_, i) => last - i).filter((at) => races(trace[at]!));
  for (const at of places.slice(0, MOST)) {
    const paused: Trace = trace.toSpliced(at, 0, { do: 'linger', ms: PAUSE_MS });
    if (await search.trials.always(paused, RUNS)) return search.adopt(paused);
  }
}

/** Only what we do while the back-end is busy can be too early. */
const races = ({ do: what }: Step): boolean =>
  what === 'write' || what === 'close' || what === 'call' || what === 'send' || what === 'read' || what === 'connect';
