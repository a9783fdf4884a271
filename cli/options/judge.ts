import { didYouMean } from '../../harness/trace/suggest.js';
import { UserError } from '../../harness/user-error.js';
import { type LowestLevel, lowestLevels } from '../levels.js';
import { variant } from '../parse.js';
import type { Registry } from '../parts.js';

/** Options that say what counts as a violation. */
export interface JudgeFlags {
  readonly level: LowestLevel;
  readonly variant?: readonly (readonly [question: string, answer: string])[];
}

export const judgeFlags = {
  level: {
    kind: 'enum',
    values: lowestLevels,
    default: 'robust',
    brief: 'Lowest level that counts: must, should (and must), robust (all, our own demands included)',
  },
  variant: {
    kind: 'parsed',
    parse: variant,
    optional: true,
    variadic: true,
    placeholder: 'open.x=answer',
    brief: 'May be repeated: pin the answer to an open question; any other answer is then a finding',
  },
} as const;

/** Pinned answers by question. @throws UserError for an unknown question or answer, or for two answers to one question */
export function pinnedAnswers(
  pairs: readonly (readonly [question: string, answer: string])[] | undefined,
  registry: Registry,
): Record<string, string> {
  const pinned: Record<string, string> = {};
  for (const [id, name] of pairs ?? []) {
    const question = registry.openQuestions.find((candidate) => candidate.id === id);
    if (question === undefined) {
      const known = registry.openQuestions.map((candidate) => candidate.id);
      throw new UserError(
        `there is no open question ${id}${didYouMean(id, known)}; \`vhost-check clauses\` lists them`,
      );
    }
    const answers = question.answers.map((answer) => answer.name);
    if (!answers.includes(name)) throw new UserError(`${id} has no answer ${name}: choose ${answers.join(', ')}`);
    if (pinned[id] !== undefined && pinned[id] !== name) {
      throw new UserError(`${id} cannot be both ${pinned[id]} and ${name}`);
    }
    pinned[id] = name;
  }
  return pinned;
}

/** The same ids, checked. @throws UserError for an unknown clause, or one that nothing judges */
export function knownClauses(
  ids: readonly string[] | undefined,
  registry: Registry,
  judged: ReadonlySet<string>,
): readonly string[] | undefined {
  if (ids === undefined) return undefined;
  for (const id of ids) {
    const known = registry.clauses.map((clause) => clause.id);
    if (!known.includes(id)) {
      throw new UserError(`there is no clause ${id}${didYouMean(id, known)}; \`vhost-check clauses\` lists them`);
    }
    if (!judged.has(id)) throw new UserError(`nothing judges clause ${id} yet: a campaign for it would find nothing`);
  }
  return ids;
}
