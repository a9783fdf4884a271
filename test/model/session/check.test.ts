import { describe, expect, it } from 'vitest';
import { clause, openQuestions } from '../../../model/clauses/index.js';
import { checkedAs, checkRule, judgedClauses, type SessionState, session } from '../../../model/session/index.js';

const AXES = ['transfer', 'kind', 'sink', 'end', 'content', 'checked', 'muddled', 'used', 'earlier'] as const;

/** Every combination of what CHECK_DEVICE_STATE is judged against. */
function* combinations(): Generator<SessionState> {
  const sizes = AXES.map((axis) => session.declaration[axis].length);
  const total = sizes.reduce((product, size) => product * size, 1);
  for (let n = 0; n < total; n++) {
    let rest = n;
    const chosen = AXES.map((axis, i) => {
      const value = session.declaration[axis][rest % sizes[i]!]!;
      rest = Math.floor(rest / sizes[i]!);
      return [axis, value] as const;
    });
    yield { ...session.initial, ...Object.fromEntries(chosen) } as SessionState;
  }
}
const all = [...combinations()];
const plain = all.filter((s) => s.muddled === 'no' && s.checked === 'no');
const of = (states: readonly SessionState[], changes: Partial<SessionState>): readonly SessionState[] =>
  states.filter((s) => Object.entries(changes).every(([k, v]) => s[k as keyof SessionState] === v));
const show = (s: SessionState): string => session.print(s);

/** Fails with the states for which a test does not hold. */
function always(states: readonly SessionState[], test: (s: SessionState) => boolean): void {
  expect(states.length).toBeGreaterThan(0);
  expect(states.filter((s) => !test(s)).map(show)).toEqual([]);
}
const zero = (s: SessionState) => checkRule(s).allowed.includes('check 0');
const error = (s: SessionState) => checkRule(s).allowed.includes('check error');

describe('checkRule over all combinations', () => {
  it('goes over all of them', () => {
    expect(all).toHaveLength(3 * 3 * 3 * 3 * 8 * 3 * 2 * 2 * 3);
  });

  it.each(['truncated', 'foreign', 'damaged'] as const)('0 is never allowed for what is %s', (content) => {
    always(of(plain, { transfer: 'load', content, sink: 'good' }), (s) => !zero(s));
  });

  it('0 is never allowed for a load whose end was not written', () => {
    always(of(plain, { transfer: 'load', end: 'open', sink: 'good' }), (s) => !zero(s));
  });

  it('0 is never allowed where the reader left early', () => {
    always(of(plain, { transfer: 'load', end: 'broken', sink: 'good' }), (s) => !zero(s));
  });

  it('0 is never allowed for a channel that cannot serve, in either direction', () => {
    for (const transfer of ['save', 'load'] as const)
      always(of(plain, { transfer, sink: 'doomed' }), (s) => !zero(s) && error(s));
  });

  it('0 is never allowed for a save whose reader left before everything can have been written', () => {
    always(of(plain, { transfer: 'save', sink: 'good', end: 'broken', content: 'cut' }), (s) => !zero(s));
  });

  it('a whole and good transfer into an unused device succeeds, and waiting is no excuse', () => {
    const good = [
      ...of(plain, { transfer: 'save', sink: 'good', end: 'eof' }),
      ...of(plain, { transfer: 'load', sink: 'good', end: 'eof', content: 'valid', used: 'no' }),
    ];
    always(good, (s) => zero(s) && !error(s) && !checkRule(s).mayWait);
  });

  it('a load after a failed one is blamed on the retry', () => {
    const states = of(plain, {
      transfer: 'load',
      sink: 'good',
      end: 'eof',
      content: 'valid',
      used: 'no',
      earlier: 'failed',
    });
    always(states, (s) => checkRule(s).clause === (s.kind === 'pipe' ? 'outcome.retry' : 'channel.any-kind'));
  });

  it('a special channel is blamed for itself', () => {
    always(
      of(plain, { transfer: 'save', sink: 'good', end: 'eof', kind: 'special' }),
      (s) => checkRule(s).clause === 'channel.any-kind',
    );
  });

  it('an error of an ended transfer is never taken back', () => {
    always(of(of(all, { muddled: 'no', checked: 'error' }), { transfer: 'save' }), (s) => !zero(s) && error(s));
    always(of(of(all, { muddled: 'no', checked: 'error' }), { transfer: 'load' }), (s) => !zero(s) && error(s));
  });

  it('nothing is judged where transfers overlapped', () => {
    const overlapping = of(all, { muddled: 'yes' }).filter((s) => s.transfer !== 'none');
    always(overlapping, (s) => zero(s) && error(s));
  });

  it('waiting is excused only while something can still come through the channel', () => {
    always(
      plain.filter((s) => checkRule(s).mayWait),
      (s) => s.transfer !== 'none' && (s.end === 'open' || s.sink === 'odd'),
    );
  });

  it('an answer that is not allowed has a judged clause, and an error is always allowed or blamed', () => {
    always(all, (s) => judgedClauses().has(checkRule(s).clause) && clause(checkRule(s).clause).level !== undefined);
    always(all, (s) => checkRule(s).situation !== '');
  });

  it('answers name a question and an answer of the registry, for an output that is allowed', () => {
    const known = new Set(openQuestions.flatMap(({ id, answers }) => answers.map(({ name }) => `${id} ${name}`)));
    const unknown = new Set<string>();
    for (const s of all) {
      const { answer } = checkRule(s);
      for (const found of Object.values(answer ?? {}))
        if (found !== undefined && !known.has(found.join(' '))) unknown.add(found.join(' '));
    }
    expect([...unknown]).toEqual([]);
  });

  it('checkedAs keeps the first answer, and a load that succeeded leaves a used device', () => {
    always(all, (s) => {
      const next = checkedAs(s, 'check 0');
      return s.transfer === 'none' || s.checked !== 'no' ? next === s : next.checked === 'ok';
    });
    always(of(plain, { transfer: 'load' }), (s) => checkedAs(s, 'check 0').used === 'yes');
    always(of(plain, { transfer: 'load' }), (s) => checkedAs(s, 'check error').used === s.used);
  });
});
