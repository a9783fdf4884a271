import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clause, openQuestions } from '../../../model/clauses/index.js';
import {
  checkRule,
  exercisedClauses,
  judgedClauses,
  type Req,
  rule,
  type SessionState,
  session,
  situation,
} from '../../../model/session/index.js';
import { anyState, request, statesOf, walk } from './arbitrary.js';

const questions = new Map<string, readonly string[]>(
  openQuestions.map(({ id, answers }) => [id, answers.map(({ name }) => name)]),
);

/** What holds for the ruling of any message in any state. */
function sound(s: SessionState, r: Req): void {
  const { outcomes, clauses, blame } = rule(s, r);
  expect(outcomes.length).toBeGreaterThan(0);
  for (const { next, output, answer } of outcomes) {
    expect(() => session.pack(next)).not.toThrow();
    if (output === 'check') expect(r.name === 'CHECK_DEVICE_STATE' || r.flaw !== '').toBe(true);
    if (answer !== undefined) expect(questions.get(answer[0]), answer[0]).toContain(answer[1]);
  }
  for (const id of clauses) expect(exercisedClauses(), `${r.name} ${r.flaw}`).toContain(id);
  for (const id of Object.values(blame)) {
    expect(() => clause(id)).not.toThrow();
    expect(judgedClauses(), `${r.name} ${r.flaw}`).toContain(id);
  }
}

describe('the rules of the session', () => {
  it('hold together in every state, reachable or not, for every message', () => {
    fc.assert(fc.property(anyState, request, sound), { numRuns: 3000 });
  });

  it('never throw along a walk, and every state of it packs and unpacks', () => {
    fc.assert(
      fc.property(walk, request, (moves, r) => {
        for (const s of statesOf(moves)) {
          expect(session.unpack(session.pack(s))).toEqual(s);
          expect(situation(s)).not.toBe('');
          const { allowed, mayWait } = checkRule(s);
          // Only a reader that left before a good state was whole has no excuse.
          if (allowed.length === 0)
            expect([s.transfer, s.end, s.content, mayWait]).toEqual(['load', 'broken', 'valid', false]);
        }
        sound(statesOf(moves).at(-1)!, r);
      }),
      { numRuns: 500 },
    );
  });

  it('walks do come to transfers that end', () => {
    const seen = new Set<string>();
    for (const moves of fc.sample(walk, { numRuns: 3000, seed: 7 }))
      for (const { transfer, checked } of statesOf(moves)) seen.add(`${transfer} ${checked}`);
    for (const transfer of ['save', 'load'])
      for (const checked of ['no', 'ok', 'error']) expect(seen).toContain(`${transfer} ${checked}`);
  });

  it('nothing that cannot be carried out is acknowledged with 0 where the answer must be true', () => {
    fc.assert(
      fc.property(anyState, request, (s, r) => {
        const state: SessionState = {
          ...s,
          link: 'up',
          protocolBit: 'offered',
          asked: 'yes',
          features: 'with-30',
          offered: 0xf_ffff,
          negotiated: s.negotiated | (1 << 3),
        };
        const { outcomes } = rule(state, { ...r, name: 'UNKNOWN', needReply: true, flaw: '' });
        expect(outcomes.map(({ output }) => output)).toEqual(['ack error']);
      }),
    );
  });

  it('every judged clause is in the registry, and is exercised', () => {
    for (const id of exercisedClauses()) expect(() => clause(id)).not.toThrow();
    for (const id of judgedClauses()) expect(exercisedClauses()).toContain(id);
  });
});
