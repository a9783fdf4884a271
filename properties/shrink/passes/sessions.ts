import type { Step, Trace } from '../../../harness/trace/step.js';
import type { Search } from '../search.js';
import { sessionOf, without } from '../uses.js';

/** Drop a whole session; where the first one is to go, another one takes its place. */
export async function sessions(search: Search): Promise<void> {
  const started = search.trace.flatMap((step) => (step.do === 'start' ? [step.session] : []));
  for (const session of started.reverse()) {
    if (await search.try(search.trace.filter((step) => sessionOf(step) !== session))) continue;
    await search.try(inPlaceOfFirst(search.trace, session));
  }
}

function inPlaceOfFirst(trace: Trace, session: string): Trace {
  return trace
    .filter((step) => sessionOf(step) !== 'a' && !(step.do === 'start' && step.session === session))
    .map((step) => (sessionOf(step) === session ? onFirst(step) : step));
}

const onFirst = (step: Step): Step => ('on' in step ? without(step, 'on') : step);
