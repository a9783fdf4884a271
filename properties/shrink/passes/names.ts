import type { ObjectKind, Trace } from '../../../harness/trace/step.js';
import type { Search } from '../search.js';
import { renameObjects } from '../uses.js';

const short: Readonly<Record<ObjectKind, string>> = {
  pipe: 'pipe',
  socketpair: 'pair',
  memfd: 'mem',
  file: 'file',
  eventfd: 'event',
  directory: 'dir',
  null: 'null',
};

/** Name the objects by what they are and the order in which they appear: `pipe1`, `pipe2`, `mem1`. */
export async function names(search: Search): Promise<void> {
  await search.try(renamed(search.trace));
}

function renamed(trace: Trace): Trace {
  const counts = new Map<string, number>();
  const wanted = new Map<string, string>();
  for (const step of trace) {
    if (step.do !== 'open') continue;
    const prefix = short[step.kind];
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    wanted.set(step.name, `${prefix}${count}`);
  }
  return renameObjects(trace, wanted);
}
