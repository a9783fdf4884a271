/** Violations as they are collected: one a cause, the gravest clause first. */
import { type ClauseId, clause } from '../../model/clauses/index.js';
import type { Level, Violation } from '../finding.js';

/** A violation before it has its level, with what caused it. */
export interface Raw {
  readonly clause: ClauseId;
  readonly step: number;
  readonly on: string;
  readonly expected: readonly string[];
  readonly observed: string;
  /** What the signature is made of beside the clause. */
  readonly signature: readonly string[];
  /** Violations of the same cause (the end of one connection, say) are one: the gravest that is asked for. */
  readonly cause?: string;
  /** Says more than any other of its cause: a crash. */
  readonly crash?: boolean;
}

const GRAVITY: Readonly<Record<Level, number>> = { must: 0, should: 1, may: 2, robust: 3 };

/** What a run wants to hear of. */
export interface Wanted {
  readonly levels?: ReadonlySet<Level>;
  readonly clauses?: readonly string[];
}

/** Collects violations. */
export class Verdicts {
  private readonly raw: Raw[] = [];

  constructor(private readonly wanted: Wanted) {}

  add(raw: Raw): void {
    this.raw.push(raw);
  }

  /** In the order of their steps. */
  list(): readonly Violation[] {
    const out = new Map<string, Violation>();
    const ranks = new Map<string, number>();
    for (const [i, { clause: id, cause, signature, crash, ...rest }] of this.raw.entries()) {
      const { level } = clause(id);
      if (this.wanted.levels !== undefined && !this.wanted.levels.has(level)) continue;
      if (this.wanted.clauses !== undefined && this.wanted.clauses.length > 0 && !this.wanted.clauses.includes(id))
        continue;
      const key = cause === undefined ? `#${i}` : `${rest.on} ${cause}`;
      // A crash says more than what it looked like from the socket.
      const rank = crash === true ? -1 : id === 'robust.survives-bad-input' ? 0.5 : GRAVITY[level];
      if ((ranks.get(key) ?? Number.POSITIVE_INFINITY) <= rank) continue;
      ranks.set(key, rank);
      const parts = [id, ...signature].filter((part) => part !== '');
      out.set(key, { ...rest, clause: id, level, signature: parts.join(' | ') });
    }
    return [...out.values()].sort((a, b) => a.step - b.step);
  }
}
