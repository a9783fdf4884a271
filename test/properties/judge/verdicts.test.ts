import { describe, expect, it } from 'vitest';
import { type Raw, Verdicts, type Wanted } from '../../../properties/judge/verdicts.js';

const raw = (changes: Partial<Raw>): Raw => ({
  clause: 'check.value',
  step: 3,
  on: 'a',
  expected: ['this'],
  observed: 'that',
  signature: [],
  ...changes,
});
const listed = (violations: readonly Raw[], wanted: Wanted = {}) => {
  const verdicts = new Verdicts(wanted);
  for (const violation of violations) verdicts.add(violation);
  return verdicts.list();
};
const ids = (violations: readonly Raw[], wanted: Wanted = {}) => listed(violations, wanted).map(({ clause }) => clause);

const MUST = raw({ clause: 'check.value', cause: 'end' });
const SHOULD = raw({ clause: 'communication.close', cause: 'end' });
const ROBUST = raw({ clause: 'robust.no-hang', cause: 'end' });
const CRASH = raw({ clause: 'robust.no-crash', cause: 'end', crash: true });

describe('verdicts', () => {
  it('carry the level of their clause, and a signature of what is not empty', () => {
    expect(listed([raw({ signature: ['', 'x', '', 'y'] })])).toEqual([
      {
        clause: 'check.value',
        level: 'must',
        step: 3,
        on: 'a',
        expected: ['this'],
        observed: 'that',
        signature: 'check.value | x | y',
      },
    ]);
  });

  it('come in the order of their steps', () => {
    expect(listed([raw({ step: 9 }), raw({ step: 1 }), raw({ step: 4 })]).map(({ step }) => step)).toEqual([1, 4, 9]);
  });

  it('without a cause are each their own', () => {
    expect(ids([raw({}), raw({})])).toHaveLength(2);
  });

  it('of one cause are one: the gravest, in any order', () => {
    expect(ids([ROBUST, MUST, SHOULD])).toEqual(['check.value']);
    expect(ids([MUST, SHOULD, ROBUST])).toEqual(['check.value']);
    expect(ids([SHOULD, ROBUST])).toEqual(ids([ROBUST, SHOULD]));
  });

  it('the first stays where two are equally grave', () => {
    expect(listed([MUST, { ...MUST, observed: 'later' }]).map(({ observed }) => observed)).toEqual(['that']);
  });

  it('a crash says more than its cause', () => {
    expect(ids([MUST, CRASH])).toEqual(['robust.no-crash']);
    expect(ids([CRASH, MUST])).toEqual(['robust.no-crash']);
  });

  it('causes of different sessions are different', () => {
    expect(ids([MUST, { ...MUST, on: 'b' }])).toHaveLength(2);
  });

  it('only the wanted levels are heard of, and the gravest of those stands for its cause', () => {
    expect(ids([MUST, ROBUST], { levels: new Set(['robust']) })).toEqual(['robust.no-hang']);
    expect(ids([MUST], { levels: new Set(['should', 'may']) })).toEqual([]);
  });

  it('only the wanted clauses are heard of; none named means all', () => {
    expect(ids([MUST, ROBUST], { clauses: ['robust.no-hang'] })).toEqual(['robust.no-hang']);
    expect(ids([MUST], { clauses: [] })).toEqual(['check.value']);
  });
});
