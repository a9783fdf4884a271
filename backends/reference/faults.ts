/** Deliberate bugs. Each breaks one clause, shows only in its own situation, and changes nothing otherwise. */

/** A deliberate bug. */
export interface Fault {
  /** What is wrong. */
  readonly text: string;
  /** Id of the clause that it breaks. */
  readonly clause: string;
  /** What must happen for it to show. */
  readonly when: string;
}

/** All of them, by name. */
export const faults = {
  'reply-no-version': { text: 'replies carry version 0', clause: 'header.version', when: 'any reply' },
  'reply-no-flag': { text: 'replies lack the reply flag', clause: 'header.reply-flag', when: 'any reply' },
  'reply-wrong-request': { text: 'replies bear the next request number', clause: 'header.reply-id', when: 'any reply' },
  'reply-size-short': {
    text: 'the size field of a reply is 4 less than its payload',
    clause: 'header.reply-size',
    when: 'any reply with a payload',
  },
  'fragments-dropped': {
    text: 'a message that comes in pieces is dropped',
    clause: 'fragments.whole-stream',
    when: 'a message split over several sends',
  },
  'fragments-lose-descriptors': {
    text: 'a message that comes in pieces loses its descriptors',
    clause: 'fragments.whole-stream',
    when: 'SET_DEVICE_STATE_FD split over several sends',
  },
  'protocol-features-late': {
    text: 'GET_PROTOCOL_FEATURES says 0 before SET_FEATURES',
    clause: 'features.protocol-bit',
    when: 'GET_PROTOCOL_FEATURES before SET_FEATURES',
  },
  'accepts-unoffered': {
    text: 'protocol feature bits that were never offered are accepted',
    clause: 'features.only-offered',
    when: 'SET_PROTOCOL_FEATURES with another bit',
  },
  'base-forgotten': {
    text: 'GET_VRING_BASE always says 0',
    clause: 'rings.base-returned',
    when: 'GET_VRING_BASE after a SET_VRING_BASE of another number',
  },
  'load-does-nothing': {
    text: 'a good load is checked and then forgotten',
    clause: 'outcome.state-equal',
    when: 'a save after a good load',
  },
  'load-loses-config': {
    text: 'the configuration is not taken over by a load',
    clause: 'outcome.state-equal',
    when: 'a save after a load of a device with another configuration',
  },
  'load-loses-identity': {
    text: 'the identity is not taken over by a load',
    clause: 'outcome.state-equal',
    when: 'a save after a load from another device',
  },
  'load-counts': {
    text: 'a load counts as a change',
    clause: 'outcome.state-equal',
    when: 'a save after a good load',
  },
  'reset-keeps-state': {
    text: 'RESET_DEVICE leaves the internal state as it is',
    clause: 'rings.reset-device',
    when: 'RESET_DEVICE after a SET_CONFIG or a load',
  },
  'leak-replaced-kick': {
    text: 'a kick descriptor that another one replaces stays open',
    clause: 'robust.no-fd-leak',
    when: 'SET_VRING_KICK twice for a ring',
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

/** The faults that are switched on. */
export type Faults = ReadonlySet<FaultName>;
