/** What the soak consists of: the reference back-end in every way that it can be. */
import { openQuestions } from '../model/clauses/index.js';

/** Many traces on one kind of reference back-end. */
export interface Part {
  /** What `--only` takes, and what its line begins with. */
  readonly name: string;
  /** For the reference's command line. */
  readonly args: readonly string[];
  /** Answers that the judge insists on; it accepts every answer to the other questions. */
  readonly variants: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly seed: number;
}

/** How many traces each kind of part has. */
export interface Shares {
  /** Of the reference as it is by default. */
  readonly runs: number;
  /** Of every answer, and of the own channel. */
  readonly each: number;
  /** Of every answer once more, with a judge that accepts no other. */
  readonly pinned: number;
  readonly seed: number;
}

/**
 * Answers that some reading allows and a `should` advises against. The judge takes them for an answer only where they are
 * pinned, so they are never run without.
 */
const ADVISED_AGAINST: Readonly<Record<string, string>> = { 'open.refusal': 'close' };

/** All parts, the longest first. The seed of a part does not depend on which others run. */
export function partsOf({ runs, each, pinned, seed }: Shares): readonly Part[] {
  const answers = openQuestions.flatMap(({ id, answers }) => answers.map(({ name }) => ({ id, name })));
  const parts: Omit<Part, 'seed'>[] = [
    { name: 'default', args: [], variants: {}, runs },
    { name: 'own-channel', args: ['--own-channel'], variants: {}, runs: each },
    ...answers.map(({ id, name }) => ({
      name: `${id}=${name}`,
      args: ['--variant', `${id}=${name}`],
      variants: ADVISED_AGAINST[id] === name ? { [id]: name } : {},
      runs: each,
    })),
    ...answers.map(({ id, name }) => ({
      name: `${id}=${name},pinned`,
      args: ['--variant', `${id}=${name}`],
      variants: { [id]: name },
      runs: pinned,
    })),
  ];
  return parts.map((part, index) => ({ ...part, seed: seed + index })).filter((part) => part.runs > 0);
}
