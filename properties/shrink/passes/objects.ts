import type { Trace } from '../../../harness/trace/step.js';
import type { Search } from '../search.js';
import { objectOf, uses, without } from '../uses.js';

/** Drop an object with all that is done with it; or keep the messages that carry it, without it. */
export async function objects(search: Search): Promise<void> {
  const opened = search.trace.flatMap((step) => (step.do === 'open' ? [step.name] : []));
  for (const object of opened.reverse()) {
    if (!search.trace.some((step) => step.do === 'open' && step.name === object)) continue;
    const rest = search.trace.filter((step) => !(step.do === 'open' && step.name === object));
    if (await search.try(rest.filter((step) => !uses(step, object)))) continue;
    await search.try(emptyHanded(rest, object));
  }
}

function emptyHanded(trace: Trace, object: string): Trace {
  const isOther = (end: string) => objectOf(end) !== object;
  return trace.map((step) => {
    if ((step.do !== 'call' && step.do !== 'send') || !uses(step, object)) return step;
    const fds = step.fds?.filter(isOther) ?? [];
    const bare = without(
      step,
      'fds',
      ...(step.channel !== undefined && !isOther(step.channel) ? (['channel'] as const) : []),
    );
    return fds.length === 0 ? bare : { ...bare, fds };
  });
}
