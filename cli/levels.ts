import type { Level } from '../properties/finding.js';

/** The lowest levels that one can ask for. */
export const lowestLevels = ['must', 'should', 'robust'] as const;
export type LowestLevel = (typeof lowestLevels)[number];

/** The levels that count when `lowest` is the lowest of them: `robust` is all, the harness's own demands included. */
export function levelsFrom(lowest: LowestLevel): ReadonlySet<Level> {
  switch (lowest) {
    case 'must':
      return new Set<Level>(['must']);
    case 'should':
      return new Set<Level>(['must', 'should']);
    case 'robust':
      return new Set<Level>(['must', 'should', 'may', 'robust']);
  }
}
