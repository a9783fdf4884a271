/** must, should, may: as the source says it, where a plain statement of fact counts as must. robust: our own demand on any
 * back-end, which no source makes. */
export type Level = 'must' | 'should' | 'may' | 'robust';

/** Who has to keep a clause. */
export type Side = 'back-end' | 'front-end' | 'both';

/** One obligation. */
export interface Clause {
  /** Topic and short name, for example `set.no-error-with-fd`. */
  readonly id: string;
  readonly level: Level;
  readonly side: Side;
  /** Heading in vhost-user.rst, with the message where it is one of a list; `OWN_DEMANDS` for ours. */
  readonly section: string;
  /** What it demands, in one sentence of our own. */
  readonly text: string;
}

/** What stands in `section` for clauses that are in no source. */
export const OWN_DEMANDS = 'Robustness';

type Entry<I extends string> = Omit<Clause, 'id' | 'section'> & { readonly id: I };

const at =
  (level: Level) =>
  <const I extends string>(id: I, side: Side, text: string): Entry<I> => ({ id, level, side, text });

/** An entry of level must. */
export const must = at('must');
/** An entry of level should. */
export const should = at('should');
/** An entry of level may. */
export const may = at('may');
/** An entry of level robust. */
export const robust = at('robust');

/** Put entries into their section. The ids stay part of the type, so that a rule that names an unknown one does not
 * compile. */
export function section<const I extends string>(
  heading: string,
  entries: readonly Entry<I>[],
): readonly (Clause & { readonly id: I })[] {
  return entries.map(({ id, level, side, text }) => ({ id, level, side, section: heading, text }));
}

/** The place of a clause, as a report cites it. */
export const citation = (clause: Pick<Clause, 'section'>): string =>
  clause.section === OWN_DEMANDS ? "vhost-check's own demand" : `vhost-user.rst, ${clause.section}`;
