import type { Step } from '../../../harness/trace/step.js';
import type { Search } from '../search.js';
import { endsUsed, objectOf, sessionOf } from '../uses.js';

/** Pairs that are tried: all related ones of a short trace; of a long one those that are near each other. */
const MOST = 150;

/** Take out two steps that cannot go one by one, such as a disconnect and the connect after it. */
export async function pairs(search: Search): Promise<void> {
  const { trace } = search;
  let left = MOST;
  for (let distance = 1; distance < trace.length && left > 0; distance++) {
    for (let second = trace.length - 1; second >= distance && left > 0; second--) {
      const first = second - distance;
      if (!related(trace[first]!, trace[second]!)) continue;
      left--;
      if (await search.try(trace.filter((_, index) => index !== first && index !== second))) return;
    }
  }
}

/** What one step does can only be what another one needs where both are about the same session or the same object. */
function related(a: Step, b: Step): boolean {
  const on = sessionOf(a);
  if (on !== undefined && on === sessionOf(b)) return true;
  const objects = objectsOf(b);
  return objectsOf(a).some((object) => objects.includes(object));
}

const objectsOf = (step: Step): readonly string[] =>
  step.do === 'open' ? [step.name] : endsUsed(step).map((end) => objectOf(end));
