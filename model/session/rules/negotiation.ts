/** Features, protocol features, owner (vhost-user.rst, Front-end message types 1-4, 15, 16). */
import { bit, Feature } from '../../wire/index.js';
import type { Req, Ruling } from '../label.js';
import type { SessionState } from '../state.js';
import { asks, disturbed, doubtful, odd, outcome, plain, plainEither, type Rule, renewed } from './common.js';

/** Protocol feature bits that the model follows, as a number. */
const bits = (value: bigint): number => Number(value & 0xf_ffffn);

const onceEnabled = (s: SessionState): SessionState => ({ ...s, enabled0: 'yes', enabled1: 'yes' });

function protocolFeatures(s: SessionState, r: Req): Ruling {
  const value = bits(r.value);
  const base = disturbed(s);
  if (r.flaw !== '' && r.flaw !== 'unoffered') return odd(s, r, [{ ...base, negotiated: value }]);
  if (s.protocolBit === 'absent') return odd(s, r, [{ ...base, negotiated: value & s.offered }]);
  if (s.asked === 'no' || s.protocolBit !== 'offered') {
    // Front-ends that know the back-end set features without asking; a back-end that wants the question first is not wrong.
    return plainEither(s, r, [{ ...base, negotiated: value }, doubtful(base)]);
  }
  if (r.flaw === 'unoffered' || (value & ~s.offered) !== 0) {
    return odd(s, { ...r, flaw: 'unoffered' }, [{ ...base, negotiated: value & s.offered }]);
  }
  const early = s.features === 'none' ? (['features.protocol-bit'] as const) : [];
  return plain(s, r, { ...base, negotiated: value }, ['features.protocol-set', ...early]);
}

/** The situation of features that a back-end need not work with. */
export const INCOMPATIBLE = 'incompatible features';

export const negotiation = {
  GET_FEATURES: (s, r) => asks(s, r, ['value'], s, ['features.get']),

  SET_FEATURES(s, r) {
    const with30 = (r.value & bit(Feature.PROTOCOL_FEATURES)) !== 0n;
    const logAll = (r.value & bit(Feature.LOG_ALL)) !== 0n ? 'yes' : 'no';
    const set: SessionState = { ...s, features: with30 ? 'with-30' : 'without-30', logAll };
    const done = renewed(with30 ? set : onceEnabled(set));
    if (r.flaw !== '') return odd(s, r, done);
    // A back-end that knows no legacy drivers may close the connection: "incompatible features" is the source's example.
    const modern = (r.value & bit(Feature.VERSION_1)) !== 0n;
    const found = plainEither(s, r, modern ? done : done.map(doubtful), ['features.set']);
    return modern ? found : { ...found, situation: INCOMPATIBLE };
  },

  GET_PROTOCOL_FEATURES(s, r) {
    if (s.protocolBit !== 'offered') return odd(s, r, [], ['value']);
    const early = s.features === 'none' && s.protocolBit === 'offered';
    const rule = asks(s, r, ['value'], s, early ? ['features.protocol-bit'] : []);
    return early ? { ...rule, blame: { close: 'features.protocol-bit', quiet: 'features.protocol-bit' } } : rule;
  },

  SET_PROTOCOL_FEATURES(s, r) {
    const found = protocolFeatures(s, r);
    // Whether REPLY_ACK covers the very message that turns it on or off is not said.
    return r.needReply
      ? { ...found, outcomes: [...found.outcomes, ...found.outcomes.map(({ next }) => outcome(next, 'none' as const))] }
      : found;
  },

  SET_OWNER(s, r) {
    const next = renewed({ ...s, owner: 'yes' });
    return s.owner === 'yes' || r.flaw !== '' ? odd(s, r, next) : plainEither(s, r, next);
  },

  // No longer used: some back-ends took it for the end of all that the connection had agreed on.
  RESET_OWNER(s, r) {
    const disabled: SessionState = { ...s, enabled0: 'no', enabled1: 'no', owner: 'no' };
    return odd(s, r, [disabled, { ...disabled, features: 'none' as const, negotiated: 0 }].flatMap(renewed));
  },
} satisfies Record<string, Rule>;

/** What a front-end learns from a reply. */
export function learned(s: SessionState, name: string, value: bigint): SessionState {
  if (name === 'GET_FEATURES') {
    return { ...s, protocolBit: (value & bit(Feature.PROTOCOL_FEATURES)) !== 0n ? 'offered' : 'absent' };
  }
  if (name === 'GET_PROTOCOL_FEATURES') return { ...s, asked: 'yes', offered: bits(value) };
  return s;
}
