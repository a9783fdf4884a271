/** Memory, rings, logging (vhost-user.rst, Ring states; Front-end message types 5-14, 18, 31, 32, 35-38). */
import type { ClauseId } from '../../clauses/index.js';
import type { Outcome, Req, Ruling } from '../label.js';
import { has, type Ring, type SessionState } from '../state.js';
import { ackDue, asks, doubtful, odd, outcome, plain, plainEither, type Rule, renewed, ruling } from './common.js';

/** Set a variable of one ring. */
export function ringSet<V extends 'run' | 'enabled' | 'kick' | 'call' | 'err' | 'base'>(
  s: SessionState,
  ring: Ring | 'other',
  name: V,
  value: SessionState[`${V}0`],
): SessionState {
  return ring === 'other' ? s : { ...s, [`${name}${ring}`]: value };
}
export const ringGet = <V extends 'run' | 'enabled' | 'kick' | 'call' | 'err' | 'base'>(
  s: SessionState,
  ring: Ring,
  name: V,
): SessionState[`${V}0`] => s[`${name}${ring}`] as SessionState[`${V}0`];

const started = (s: SessionState, ring: Ring | 'other'): SessionState => ({
  ...ringSet(s, ring, 'run', 'started'),
  used: 'yes',
});

/** Well formed: done or refused. Else: anything, and perhaps done. */
const either = (s: SessionState, r: Req, done: SessionState, clauses: readonly ClauseId[] = []): Ruling =>
  r.flaw === '' && r.ring !== 'other' ? plain(s, r, done, clauses) : odd(s, r, [done]);

const gated =
  (feature: Parameters<typeof has>[1], rule: Rule): Rule =>
  (s, r) =>
    has(s.negotiated, feature)
      ? rule(s, r)
      : odd(
          s,
          r,
          rule(s, r)
            .outcomes.map(({ next }) => next)
            .slice(0, 1),
        );

/** ADD_MEM_REG and REM_MEM_REG: see open.mem-reg-payload. */
const region =
  (done: (s: SessionState) => SessionState): Rule =>
  (s, r) => {
    if (r.flaw !== '') return odd(s, r, [done(s)]);
    const rule = plain(s, r, done(s), []);
    const echo: Outcome = outcome(done(s), 'echo', ['open.mem-reg-payload', 'echo']);
    return { ...rule, outcomes: [...rule.outcomes, echo] };
  };

const kickFd: Rule = (s, r) => {
  const set = ringSet(s, r.ring, 'kick', r.fd ? 'fd' : 'poll');
  if (r.flaw !== '' || r.ring === 'other') return odd(s, r, [set, started(set, r.ring)]);
  // open.start-moment: the message or the first kick; without a descriptor the ring is polled from now on.
  return plainEither(s, r, [set, started(set, r.ring)], ['rings.kick-fd']);
};

const base: Rule = (s, r) => {
  const ring = r.ring;
  if (r.flaw !== '' || ring === 'other')
    return { ...odd(s, r, [s], ['value', 'value error', 'ack 0']), situation: r.flaw };
  const stopped = ringSet(ringSet(s, ring, 'run', 'stopped'), ring, 'base', 'unknown');
  const forgotten = ringGet(stopped, ring, 'kick') === 'fd' ? ringSet(stopped, ring, 'kick', 'stale') : stopped;
  const kick = ringGet(s, ring, 'kick');
  const unset = kick !== 'fd' && kick !== 'poll';
  const rule = asks(s, r, ['value'], forgotten, ['rings.stop', 'rings.base-returned']);
  if (!unset) return rule;
  return {
    ...rule,
    outcomes: [
      { ...rule.outcomes[0]!, answer: ['open.base-of-unset-ring', 'answer'] },
      // The other answer is a closed connection.
      outcome(doubtful(s), 'none', ['open.base-of-unset-ring', 'close']),
    ],
  };
};

const logBase: Rule = (s, r) => {
  if (r.flaw !== '' || !has(s.negotiated, 'LOG_SHMFD')) return odd(s, r, [s], ['ack 0', 'echo', 'empty', 'ack error']);
  return ruling(
    [
      outcome(s, 'echo', ['open.log-base-reply', 'echo']),
      outcome(s, 'ack 0', ['open.log-base-reply', 'u64']),
      outcome(s, 'ack error', ['open.log-base-reply', 'u64']),
      outcome(s, 'empty', ['open.log-base-reply', 'none']),
      outcome(s, 'none', ['open.log-base-reply', 'none']),
    ],
    [],
  );
};

const backendChannel: Rule = (s, r) => {
  if (r.flaw !== '') return odd(s, r, [s]);
  const rule = plain(s, r, s, ['backend-channel.reply']);
  if (ackDue(s, r) || !has(s.negotiated, 'REPLY_ACK')) return rule;
  return {
    ...rule,
    outcomes: [
      ...rule.outcomes,
      outcome(s, 'ack 0', ['open.backend-req-reply', 'always']),
      outcome(doubtful(s), 'ack error', ['open.backend-req-reply', 'always']),
    ],
  };
};

export const ringRules = {
  SET_MEM_TABLE: (s, r) => either(s, { ...r, ring: 0 }, { ...s, memory: 'set' }, ['memory.table']),
  ADD_MEM_REG: gated(
    'CONFIGURE_MEM_SLOTS',
    region((s) => ({ ...s, memory: 'set' })),
  ),
  REM_MEM_REG: gated(
    'CONFIGURE_MEM_SLOTS',
    region((s) => s),
  ),
  GET_MAX_MEM_SLOTS: (s, r) =>
    has(s.negotiated, 'CONFIGURE_MEM_SLOTS') && r.flaw === ''
      ? asks(s, r, ['value'], s, ['memory.max-slots'])
      : odd(s, r, [], ['value']),
  SET_LOG_BASE: logBase,
  SET_LOG_FD: (s, r) => odd(s, r, [s]),
  SET_VRING_NUM: (s, r) => either(s, r, s, ['rings.size']),
  SET_VRING_ADDR: (s, r) => (s.memory === 'set' ? either(s, r, s, ['rings.addresses']) : odd(s, r, [s])),
  SET_VRING_BASE: (s, r) => either(s, r, ringSet(s, r.ring, 'base', 'set')),
  GET_VRING_BASE: base,
  SET_VRING_KICK: kickFd,
  SET_VRING_CALL: (s, r) => either(s, r, ringSet(s, r.ring, 'call', r.fd ? 'fd' : 'poll'), ['rings.call-fd']),
  SET_VRING_ERR: (s, r) => either(s, r, ringSet(s, r.ring, 'err', r.fd ? 'fd' : 'poll'), ['rings.err-fd']),
  SET_VRING_ENABLE(s, r) {
    const done = ringSet(s, r.ring, 'enabled', r.num === 1 ? 'yes' : 'no');
    return s.features === 'with-30' ? either(s, r, done, ['rings.enable-by-message']) : odd(s, r, [done]);
  },
  VRING_KICK: gated('INBAND_NOTIFICATIONS', (s, r) => plainEither(s, r, [started(s, r.ring)])),
  SET_BACKEND_REQ_FD: gated('BACKEND_REQ', backendChannel),
  GET_QUEUE_NUM: (s, r) =>
    has(s.offered, 'MQ') && s.protocolBit === 'offered' && r.flaw === ''
      ? asks(s, r, ['value'], s, ['queues.number'])
      : odd(s, r, [], ['value']),
  GET_INFLIGHT_FD: (s, r) =>
    has(s.negotiated, 'INFLIGHT_SHMFD') && r.flaw === ''
      ? asks(s, r, ['value', 'value error'])
      : odd(s, r, [], ['value', 'value error']),
  SET_INFLIGHT_FD: gated('INFLIGHT_SHMFD', (s, r) => (r.flaw === '' ? plain(s, r, s) : odd(s, r, [s]))),
} satisfies Record<string, Rule>;

/** Our kick on the descriptor that a ring was given. The back-end sees it at some time: both states are explained. */
export function kicked(s: SessionState, ring: Ring): readonly SessionState[] {
  const kick = ringGet(s, ring, 'kick');
  if (kick === 'none') return [s];
  // open.kick-after-stop for a descriptor that was there before the stop.
  return [s, started(s, ring)];
}

/**
 * The rings as they are behind a reset of the device or of its status: open.reset-stops. Whether the acknowledged features
 * belong to the internal state that goes back to its beginning is not said.
 */
export function resetRings(s: SessionState): readonly SessionState[] {
  const disabled: SessionState = { ...s, enabled0: 'no', enabled1: 'no', used: 'yes' };
  const both = [disabled, { ...disabled, features: 'none' as const }];
  return both.flatMap(renewed).flatMap((disabled) => [
    {
      ...disabled,
      run0: 'stopped',
      run1: 'stopped',
      base0: 'unknown',
      base1: 'unknown',
      kick0: s.kick0 === 'fd' ? 'stale' : s.kick0,
      kick1: s.kick1 === 'fd' ? 'stale' : s.kick1,
    },
    { ...disabled, base0: 'unknown', base1: 'unknown' },
  ]);
}
