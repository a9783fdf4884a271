import { describe, expect, it } from 'vitest';
import { clauses, openQuestion, openQuestions } from '../../../model/clauses/index.js';

/** Every open question with its answers, the default first. Users pin them by these names. */
const QUESTIONS = {
  'open.enforce-suspended': 'accept refuse',
  'open.refusal': 'error close',
  'open.check-without-set': 'error success last',
  'open.check-twice': 'error same',
  'open.check-before-eof': 'wait error',
  'open.second-set': 'refuse replace both',
  'open.error-no-fd-bit': 'set clear',
  'open.high-bits': 'zero set',
  'open.trailing-data': 'reject accept',
  'open.empty-state': 'reject accept',
  'open.load-before-features': 'accept refuse',
  'open.reset-during-transfer': 'cancel continue refuse',
  'open.base-of-unset-ring': 'answer close',
  'open.base-drops-fds': 'drop keep',
  'open.start-moment': 'first-kick message',
  'open.save-side-effects': 'none some',
  'open.disconnect-mid-transfer': 'abort continue',
  'open.log-all': 'ignore cancel',
  'open.reply-list': 'reply',
  'open.kick-after-stop': 'ignored starts',
  'open.reset-stops': 'stops disables',
  'open.base-error': 'close zero',
  'open.log-base-reply': 'none u64 echo',
  'open.mem-reg-payload': 'none echo',
  'open.backend-req-reply': 'asked always',
  'open.disabled-requests': 'discard hold leave',
  'open.behind-check': 'after before',
};

describe('open questions', () => {
  it('are these, with these answers', () => {
    expect(Object.fromEntries(openQuestions.map((q) => [q.id, q.answers.map((a) => a.name).join(' ')]))).toEqual(
      QUESTIONS,
    );
    expect(openQuestions).toHaveLength(Object.keys(QUESTIONS).length);
  });

  it.each(openQuestions.map((q) => [q.id, q] as const))('%s says what, why, where and which', (_id, q) => {
    expect(q.question).toMatch(/^[A-Z][^\n?]*\?$/);
    expect(q.why).toMatch(/^[A-Z][^\n]*\.$/);
    for (const { text } of q.answers) expect(text).toMatch(/^[A-Z][^\n]*\.$/);
    expect(new Set(q.answers.map((a) => a.text)).size).toBe(q.answers.length);
    expect(q.defaultAnswer).toBe(q.answers[0]?.name);
    expect(clauses.map((c) => c.section)).toContain(q.section);
    expect(openQuestion(q.id)).toBe(q);
  });

  it('are found by id only', () => {
    expect(() => openQuestion('refusal')).toThrow('no open question is called "refusal"');
  });
});
