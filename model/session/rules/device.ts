/** Configuration, reset, status, and everything that a migration does not need (vhost-user.rst, types 19-41). */
import { messages, type RequestName } from '../../wire/index.js';
import { has, type SessionState } from '../state.js';
import { ackDue, asks, doubtful, odd, outcome, plain, plainEither, type Rule, ruling } from './common.js';
import { resetRings } from './rings.js';

export const device = {
  GET_CONFIG: (s, r) =>
    has(s.negotiated, 'CONFIG') && r.flaw === ''
      ? asks(s, r, ['value', 'value error'], s, ['config.reply-size'])
      : odd(s, r, [], ['value', 'value error', 'empty']),
  SET_CONFIG(s, r) {
    const done: SessionState = { ...s, used: 'yes' };
    return has(s.negotiated, 'CONFIG') && r.flaw === '' ? plain(s, r, done) : odd(s, r, [done]);
  },
  RESET_DEVICE(s, r) {
    const done = resetRings(s);
    return has(s.negotiated, 'RESET_DEVICE') && r.flaw === '' ? plainEither(s, r, [...done]) : odd(s, r, done);
  },
  SET_STATUS(s, r) {
    const done = r.value === 0n ? [s, ...resetRings(s)] : [s];
    return has(s.negotiated, 'STATUS') && r.flaw === '' ? plainEither(s, r, done) : odd(s, r, done);
  },
  GET_STATUS: (s, r) =>
    has(s.negotiated, 'STATUS') && r.flaw === '' ? asks(s, r, ['value'], s, ['status.get']) : odd(s, r, [], ['value']),
} satisfies Record<string, Rule>;

/** A number that the protocol does not know (here: up to 43). */
export const unknown: Rule = (s, r) => {
  const asked = ackDue(s, r);
  const next = doubtful(s);
  return ruling(
    asked ? [outcome(next, 'ack error')] : [outcome(next, 'none'), outcome(next, 'ack error')],
    ['features.unknown-safe', ...(asked ? (['reply-ack.answer', 'reply-ack.truth'] as const) : [])],
    { quiet: 'reply-ack.answer', 'ack 0': asked ? 'reply-ack.truth' : 'communication.no-unasked-reply' },
    asked ? 'asked' : '',
  );
};

/** Messages that we send only to see what happens: nothing is said of them without their features. */
export const other = (name: RequestName): Rule => {
  const spec = messages[name];
  return (s, r) => odd(s, r, [s], spec.replies === 'never' ? [] : ['value', 'value error', 'empty', 'ack 0', 'echo']);
};
