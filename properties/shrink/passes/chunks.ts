import type { Search } from '../search.js';

/** Take out ever smaller pieces, from the end on, the last step included; single steps until none can go. */
export async function chunks(search: Search): Promise<void> {
  for (let size = search.trace.length >> 1; size > 1; size >>= 1) await each(search, size);
  await singles(search);
}

/** Take out single steps until none can go. */
export async function singles(search: Search): Promise<void> {
  while (await each(search, 1));
}

async function each(search: Search, size: number): Promise<boolean> {
  let any = false;
  for (let end = search.trace.length; end > 0; end = Math.min(end - size, search.trace.length)) {
    const start = Math.max(0, end - size);
    if (await search.try(search.trace.toSpliced(start, end - start))) any = true;
  }
  return any;
}
