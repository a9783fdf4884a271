import type { Search } from '../search.js';

/** Pairs that are tried: all of a short trace; of a long one those that are near each other. */
const MOST = 150;

/** Take out two steps that cannot go one by one, such as a disconnect and the connect after it. */
export async function pairs(search: Search): Promise<void> {
  const count = search.trace.length;
  let left = MOST;
  for (let distance = 1; distance < count && left > 0; distance++) {
    for (let second = count - 1; second >= distance && left > 0; second--, left--) {
      const pair = [second - distance, second];
      if (await search.try(search.trace.filter((_, index) => !pair.includes(index)))) return;
    }
  }
}
