/** What the rules of several messages share. */
import type { ClauseId } from '../../clauses/index.js';
import type { Outcome, Output, Req, Ruling } from '../label.js';
import { has, type SessionState, session, transferring } from '../state.js';

/** The rule of one message. */
export type Rule = (s: SessionState, r: Req) => Ruling;

/** REPLY_ACK is negotiated and the message asks (vhost-user.rst, VHOST_USER_PROTOCOL_F_REPLY_ACK). Protocol features are
 * legal only where GET_FEATURES offered them: a front-end that never asked can count on nothing. */
export const ackDue = (s: SessionState, r: Req): boolean =>
  r.needReply && s.protocolBit === 'offered' && has(s.negotiated, 'REPLY_ACK');

export const outcome = (next: SessionState, output: Output, answer?: Outcome['answer']): Outcome =>
  answer === undefined ? { next, output } : { next, output, answer };

export const ruling = (
  outcomes: readonly Outcome[],
  clauses: readonly ClauseId[] = [],
  blame: Ruling['blame'] = {},
  situation = '',
): Ruling => ({ outcomes, clauses, blame, situation });

/** The back-end may close the connection over it, now or a little later. */
export const doubtful = (s: SessionState): SessionState => ({ ...s, link: 'doubtful' });

/** A message without a reply of its own: acknowledged where that is due, else silent. */
function silentOrAck(s: SessionState, r: Req, done: SessionState, refused: SessionState): readonly Outcome[] {
  if (ackDue(s, r)) return [outcome(done, 'ack 0'), outcome(refused, 'ack error')];
  // need_reply without REPLY_ACK means nothing that the source defines: both are explained.
  if (r.needReply) return [outcome(done, 'none'), outcome(done, 'ack 0'), outcome(refused, 'ack error')];
  return [outcome(done, 'none')];
}

const ACK: readonly ClauseId[] = ['reply-ack.answer', 'reply-ack.truth'];

/**
 * A well-formed message without a reply of its own. An error acknowledgement is believed (the message had no effect, and
 * the connection may go down with it): the source asks for an answer that says which, not for success.
 */
export function plain(s: SessionState, r: Req, done: SessionState, clauses: readonly ClauseId[] = []): Ruling {
  const due = ackDue(s, r);
  return ruling(
    silentOrAck(s, r, done, doubtful(s)),
    [...clauses, ...(due ? ACK : (['communication.no-unasked-reply'] as const))],
    { quiet: 'reply-ack.answer' },
  );
}

/** Any of these states, each with any of the outputs of `plain`: what a reset means, for example. */
export function plainEither(
  s: SessionState,
  r: Req,
  done: readonly SessionState[],
  clauses: readonly ClauseId[] = [],
): Ruling {
  const all = done.map((next) => plain(s, r, next, clauses));
  return { ...all[0]!, outcomes: all.flatMap(({ outcomes }) => outcomes) };
}

/**
 * A message that is malformed, or that the front-end should not send now: the source says nothing of it. It may be
 * carried out (`done`), ignored, refused, or answered by closing the connection. Only what cannot have succeeded may not
 * be acknowledged with 0.
 */
export function odd(s: SessionState, r: Req, done: readonly SessionState[], own: readonly Output[] = []): Ruling {
  const states = [...done, s].map(doubtful);
  const due = ackDue(s, r);
  const outputs: Output[] = [];
  if (own.length > 0) outputs.push(...own, 'none', 'ack error');
  else if (due) outputs.push(...(r.hopeless ? [] : (['ack 0'] as const)), 'ack error');
  else outputs.push('none', ...(r.needReply ? (['ack 0', 'ack error'] as const) : []));
  const clauses: ClauseId[] = own.length === 0 && due ? [...ACK] : [];
  return ruling(
    outputs.flatMap((output) => states.map((next) => outcome(next, output))),
    clauses,
    { 'ack 0': 'reply-ack.truth', quiet: own.length === 0 ? 'reply-ack.answer' : 'robust.no-hang' },
    r.flaw,
  );
}

/** A request with a reply of its own. */
export function asks(
  s: SessionState,
  r: Req,
  outputs: readonly Output[],
  next: SessionState = s,
  clauses: readonly ClauseId[] = [],
): Ruling {
  return ruling(
    outputs.map((output) => outcome(next, output)),
    [
      ...clauses,
      'header.version',
      'header.reply-flag',
      'header.reply-id',
      'header.reply-size',
      'communication.order',
      ...(ackDue(s, r) ? (['reply-ack.no-change'] as const) : []),
      ...(transferring(s) ? (['suspended.answers'] as const) : []),
    ],
  );
}

/** Something that the source does not relate to a running transfer: its result is open from here on. */
export const disturbed = (s: SessionState): SessionState => (transferring(s) ? { ...s, muddled: 'yes' } : s);

/** What became of the transfers before a new one. */
export const earlierOf = (s: SessionState): SessionState['earlier'] => {
  if (s.transfer === 'none') return s.earlier;
  return s.checked === 'ok' ? (s.earlier === 'failed' ? 'failed' : 'ok') : 'failed';
};

/**
 * The device begins anew. What that means to a running transfer is open, and so is whether one whose result was told is
 * known any more: behind it CHECK_DEVICE_STATE may be about that one, or about none.
 */
export function renewed(s: SessionState): readonly SessionState[] {
  if (s.transfer === 'none' || transferring(s)) return [disturbed(s)];
  const { transfer, channel, kind, sink, end, content, checked } = session.initial;
  return [s, { ...s, transfer, channel, kind, sink, end, content, checked, earlier: earlierOf(s) }];
}
