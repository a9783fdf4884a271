/** Negotiation again, or in part. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { acknowledge, maybeAck, negotiate, setFeatures } from '../parts/negotiation.js';
import { isUp } from '../parts/transfer.js';

const base = { kind: 'negotiation', weight: 1 } as const;

export const negotiation: readonly Action[] = [
  {
    ...base,
    name: 'negotiate',
    mood: 'lawful',
    weight: 40,
    when: (_, view) => view.state.link === 'up' && view.state.protocolBit === 'unknown',
    act: (w, view) => negotiate(w, view),
  },
  {
    ...base,
    name: 'set features',
    mood: 'lawful',
    weight: 3,
    label: 'SET_FEATURES',
    when: (_, { state }) =>
      state.link === 'up' && state.features === 'none' && state.protocolBit !== 'unknown' && !transferring(state),
    act: (w, view) => setFeatures(w, view, { without30: w.dice.chance(0.1) }),
  },
  {
    ...base,
    name: 'set features again',
    mood: 'lawful',
    weight: 0.6,
    label: 'SET_FEATURES',
    when: (_, { state }) =>
      state.link === 'up' && state.features !== 'none' && state.protocolBit !== 'unknown' && !transferring(state),
    act: (w, view) => setFeatures(w, view, { without30: view.state.features === 'without-30' }),
  },
  {
    ...base,
    name: 'set owner',
    mood: 'lawful',
    label: 'SET_OWNER',
    when: (_, { state }) =>
      state.link === 'up' && state.owner === 'no' && state.protocolBit !== 'unknown' && !transferring(state),
    act: (w, view) => {
      w.say(view, 'SET_OWNER', maybeAck(w, view));
    },
  },
  {
    ...base,
    name: 'set protocol features again',
    mood: 'open',
    weight: 0.5,
    label: 'SET_PROTOCOL_FEATURES',
    when: (_, view) => isUp(view) && view.state.asked === 'yes',
    act: acknowledge,
  },
];
