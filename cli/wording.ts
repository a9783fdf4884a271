import type { Wording } from '../report/wording.js';
import type { Coverage, Registry } from './parts.js';

/** What a report needs, from the registry and the model. */
export function wordingOf(registry: Registry, coverage: Coverage): Wording {
  const byId = new Map(registry.clauses.map((clause) => [clause.id, clause]));
  return { clause: (id) => byId.get(id), questions: registry.openQuestions, judged: coverage.judgedClauses() };
}
