import type { Search } from '../search.js';

/** Cut everything behind the step that shows the violation. What is seen after the last step only has nothing behind it. */
export async function tail(search: Search): Promise<void> {
  while (search.violation.step + 1 < search.trace.length) {
    if (!(await search.try(search.trace.slice(0, search.violation.step + 1)))) return;
  }
}
