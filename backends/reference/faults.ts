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

const reply = {
  'reply-no-version': { text: 'replies carry version 0', clause: 'header.version', when: 'any reply' },
  'reply-no-flag': { text: 'replies lack the reply flag', clause: 'header.reply-flag', when: 'any reply' },
  'reply-wrong-request': { text: 'replies bear the next request number', clause: 'header.reply-id', when: 'any reply' },
  'reply-size-short': {
    text: 'the size field of a reply is 4 less than its payload',
    clause: 'header.reply-size',
    when: 'any reply with a payload',
  },
  'check-reply-short': {
    text: 'CHECK_DEVICE_STATE is answered with 32 bits',
    clause: 'header.reply-size',
    when: 'CHECK_DEVICE_STATE',
  },
  'reply-unasked': {
    text: 'every message is acknowledged once REPLY_ACK is negotiated',
    clause: 'communication.no-unasked-reply',
    when: 'a message without a reply and without need_reply, with REPLY_ACK',
  },
  'ack-missing': {
    text: 'SET_VRING_ENABLE is never acknowledged',
    clause: 'reply-ack.answer',
    when: 'SET_VRING_ENABLE with need_reply, with REPLY_ACK',
  },
  'unknown-unanswered': {
    text: 'an unknown request gets no answer even if it asks for one',
    clause: 'reply-ack.answer',
    when: 'an unknown request number with need_reply, with REPLY_ACK',
  },
  'reply-twice': {
    text: 'need_reply on a message with a reply brings an acknowledgement as well',
    clause: 'reply-ack.no-change',
    when: 'need_reply on a message with a reply of its own, with REPLY_ACK',
  },
  'ack-always-zero': {
    text: 'failed messages are acknowledged with 0',
    clause: 'reply-ack.truth',
    when: 'a message that fails, with need_reply and REPLY_ACK',
  },
  'replies-reversed': {
    text: 'messages that wait together are answered last first',
    clause: 'communication.order',
    when: 'two requests with replies sent without waiting in between',
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
} as const;

const gating = {
  'set-unnegotiated': {
    text: 'SET_DEVICE_STATE_FD works without its feature',
    clause: 'device-state.negotiated-set',
    when: 'SET_DEVICE_STATE_FD before DEVICE_STATE is negotiated',
  },
  'check-unnegotiated': {
    text: 'CHECK_DEVICE_STATE says 0 without its feature',
    clause: 'device-state.negotiated-check',
    when: 'CHECK_DEVICE_STATE before DEVICE_STATE is negotiated',
  },
  'accepts-unoffered': {
    text: 'protocol feature bits that were never offered are accepted',
    clause: 'features.only-offered',
    when: 'SET_PROTOCOL_FEATURES with RARP, then SEND_RARP with need_reply',
  },
  'protocol-features-late': {
    text: 'GET_PROTOCOL_FEATURES says 0 before SET_FEATURES',
    clause: 'features.protocol-bit',
    when: 'GET_PROTOCOL_FEATURES before SET_FEATURES',
  },
  'protocol-features-ignored-early': {
    text: 'SET_PROTOCOL_FEATURES has no effect before SET_FEATURES',
    clause: 'features.protocol-bit',
    when: 'SET_PROTOCOL_FEATURES before SET_FEATURES, then a message of one of the features',
  },
  'unknown-kills': {
    text: 'an unknown request number ends the process',
    clause: 'features.unknown-safe',
    when: 'an unknown request number',
  },
} as const;

const suspended = {
  'suspended-call': {
    text: 'beginning a transfer signals every call descriptor',
    clause: 'suspended.no-notify',
    when: 'SET_DEVICE_STATE_FD with all rings stopped and a call descriptor set',
  },
  'suspended-call-late': {
    text: 'every call descriptor is signalled 30 ms after a transfer began',
    clause: 'suspended.no-notify',
    when: 'SET_DEVICE_STATE_FD with a call descriptor set, and 30 ms with all rings stopped',
  },
  'stop-notifies-late': {
    text: 'stopping a ring signals its call descriptor 30 ms later',
    clause: 'suspended.no-notify',
    when: 'GET_VRING_BASE on a ring with a call descriptor, and 30 ms with all rings stopped',
  },
  'suspended-message': {
    text: 'beginning a transfer announces a change of the configuration',
    clause: 'suspended.no-message',
    when: 'SET_DEVICE_STATE_FD with all rings stopped and a back-end channel set',
  },
  'main-socket-message': {
    text: 'a change of the configuration is announced on the main socket',
    clause: 'communication.backend-req',
    when: 'SET_CONFIG',
  },
  'deaf-in-transfer': {
    text: 'messages wait until the transfer is over',
    clause: 'suspended.answers',
    when: 'a message while the channel is open and the transfer cannot go on',
  },
} as const;

const channel = {
  'save-cut': {
    text: 'a save leaves out the last 1000 bytes',
    clause: 'channel.save-all',
    when: 'any save',
  },
  'save-stops-when-full': {
    text: 'a save ends when the channel takes no more',
    clause: 'channel.save-all',
    when: 'a save through a channel that holds less than the state',
  },
  'save-no-eof': {
    text: 'a save does not close its end',
    clause: 'channel.save-eof',
    when: 'any save through a pipe or a socket pair',
  },
  'save-keeps-duplicate': {
    text: 'a duplicate of the channel stays open while the connection lasts',
    clause: 'channel.save-eof',
    when: 'any save through a pipe or a socket pair',
  },
  'nonblock-gives-up': {
    text: 'a save gives up when a non-blocking channel is full',
    clause: 'channel.any-kind',
    when: 'a save through a non-blocking channel that holds less than the state',
  },
  'memory-file-refused': {
    text: 'a memory file or regular file is refused as a channel',
    clause: 'channel.any-kind',
    when: 'SET_DEVICE_STATE_FD with a memory file or a regular file',
  },
  'socket-refused': {
    text: 'a socket is refused as a channel',
    clause: 'channel.any-kind',
    when: 'SET_DEVICE_STATE_FD with a socket',
  },
  'load-one-read': {
    text: 'a load ends after its first read',
    clause: 'channel.load-to-eof',
    when: 'a load of more bytes than come at once',
  },
  'load-64k': {
    text: 'a load ends at 64 KiB',
    clause: 'channel.load-to-eof',
    when: 'a load of more than 64 KiB',
  },
  'load-ends-when-empty': {
    text: 'a load ends when the channel has nothing for the moment',
    clause: 'channel.load-to-eof',
    when: 'a load whose bytes do not all wait in the channel',
  },
  'early-close-kills': {
    text: 'a reader that leaves a save ends the process',
    clause: 'channel.early-close',
    when: 'a save whose reader closes before the end',
  },
  'descriptor-but-flag': {
    text: 'the reply brings a descriptor and says that it does not',
    clause: 'set.reply-no-fd-bit',
    when: 'a good SET_DEVICE_STATE_FD',
  },
  'no-descriptor-no-flag': {
    text: 'the reply brings no descriptor and says that it does',
    clause: 'set.reply-no-fd-bit',
    when: 'a good SET_DEVICE_STATE_FD without an own channel',
  },
  'error-with-descriptor': {
    text: 'a refused SET_DEVICE_STATE_FD brings a descriptor',
    clause: 'set.no-error-with-fd',
    when: 'a refused SET_DEVICE_STATE_FD',
  },
  'error-in-high-bits': {
    text: 'a refused SET_DEVICE_STATE_FD says so in bit 9, and 0 in bits 0-7',
    clause: 'set.reply-error-bits',
    when: 'a refused SET_DEVICE_STATE_FD',
  },
  'direction-swapped': { text: '0 loads and 1 saves', clause: 'params.direction', when: 'any transfer' },
  'any-direction': {
    text: 'an unknown direction is taken for a save',
    clause: 'params.direction',
    when: 'SET_DEVICE_STATE_FD with a direction above 1',
  },
  'any-phase': {
    text: 'the phase is not looked at',
    clause: 'params.phase',
    when: 'SET_DEVICE_STATE_FD with a phase other than 0',
  },
  'no-descriptor-accepted': {
    text: 'SET_DEVICE_STATE_FD succeeds without a descriptor',
    clause: 'set.one-fd',
    when: 'SET_DEVICE_STATE_FD without a descriptor',
  },
  'two-descriptors-accepted': {
    text: 'SET_DEVICE_STATE_FD uses the first of several descriptors',
    clause: 'set.one-fd',
    when: 'SET_DEVICE_STATE_FD with two descriptors or more',
  },
} as const;

const check = {
  'check-hasty': {
    text: 'CHECK_DEVICE_STATE says 0 before the result is known',
    clause: 'check.waits',
    when: 'CHECK_DEVICE_STATE while the channel is open',
  },
  'check-silent': {
    text: 'CHECK_DEVICE_STATE is never answered',
    clause: 'check.waits',
    when: 'CHECK_DEVICE_STATE after a transfer',
  },
  'check-always-good': {
    text: 'CHECK_DEVICE_STATE says 0 whatever came of the transfer',
    clause: 'check.truth-load',
    when: 'CHECK_DEVICE_STATE after a failed load',
  },
  'check-truncated-good': {
    text: 'a truncated state passes',
    clause: 'check.truth-load',
    when: 'a load of a truncated state',
  },
  'check-damaged-good': {
    text: 'a damaged state passes',
    clause: 'check.truth-load',
    when: 'a load of a damaged state',
  },
  'check-foreign-good': {
    text: 'a state of something else passes',
    clause: 'check.truth-load',
    when: 'a load of bytes that are no state',
  },
  'check-abandoned-good': {
    text: 'a save whose reader left passes',
    clause: 'check.truth-save',
    when: 'CHECK_DEVICE_STATE after a save whose reader closed before the end',
  },
  'check-load-bad': {
    text: 'a good load is called an error',
    clause: 'check.value',
    when: 'CHECK_DEVICE_STATE after a good load',
  },
  'check-save-bad': {
    text: 'a good save is called an error',
    clause: 'check.value',
    when: 'CHECK_DEVICE_STATE after a good save',
  },
} as const;

const state = {
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
  'bad-load-applies': {
    text: 'a damaged or truncated load takes effect although it failed',
    clause: 'outcome.failed-load-harmless',
    when: 'a save after a failed load that had its first bytes right',
  },
  'reset-keeps-state': {
    text: 'RESET_DEVICE leaves the internal state as it is',
    clause: 'rings.reset-device',
    when: 'RESET_DEVICE after a SET_CONFIG or a load',
  },
} as const;

const resume = {
  'one-abandoned-save': {
    text: 'after a failed save no transfer is accepted any more',
    clause: 'outcome.retry',
    when: 'SET_DEVICE_STATE_FD after a save whose reader closed before the end',
  },
  'bad-load-sticks': {
    text: 'after a failed load every other one fails',
    clause: 'outcome.retry',
    when: 'a good load after a failed one',
  },
  'one-direction': {
    text: 'after a transfer in one direction the other is refused',
    clause: 'outcome.retry',
    when: 'a load after a save, or a save after a load',
  },
  'abandon-resets-config': {
    text: 'a failed save resets the configuration',
    clause: 'outcome.resume-source',
    when: 'GET_CONFIG after SET_CONFIG and a save whose reader closed before the end',
  },
  'base-forgotten': {
    text: 'GET_VRING_BASE always says 0',
    clause: 'rings.base-returned',
    when: 'GET_VRING_BASE after a SET_VRING_BASE of another number',
  },
  'save-resets-base': {
    text: 'beginning a save sets the indices of all rings to 0',
    clause: 'outcome.vring-base',
    when: 'GET_VRING_BASE after SET_VRING_BASE of another number and a save',
  },
} as const;

const resource = {
  'leak-refused-channel': {
    text: 'the descriptor of a refused SET_DEVICE_STATE_FD stays open',
    clause: 'robust.no-fd-leak',
    when: 'a refused SET_DEVICE_STATE_FD',
  },
  'leak-loaded-channel': {
    text: 'the channel of a finished load stays open',
    clause: 'robust.no-fd-leak',
    when: 'any load',
  },
  'leak-malformed': {
    text: 'descriptors that come with a message that has none stay open',
    clause: 'robust.no-fd-leak',
    when: 'a message with more descriptors than it may have',
  },
  'leak-replaced-kick': {
    text: 'a kick descriptor that another one replaces stays open',
    clause: 'robust.no-fd-leak',
    when: 'SET_VRING_KICK twice for a ring',
  },
  'leak-on-disconnect': {
    text: 'the channel of a running transfer stays open after the connection',
    clause: 'robust.no-fd-leak',
    when: 'a disconnect while a transfer runs',
  },
  'leak-thread': {
    text: 'every transfer starts a thread that never ends',
    clause: 'robust.no-thread-leak',
    when: 'any transfer',
  },
  'leak-memory': {
    text: 'every transfer keeps 32 MiB',
    clause: 'robust.memory-bounded',
    when: 'several transfers',
  },
  'load-kept': {
    text: 'everything that a load reads is kept, however much it is',
    clause: 'robust.memory-bounded',
    when: 'a load of far more than a state',
  },
  spin: {
    text: 'after a checked transfer the back-end never rests',
    clause: 'robust.no-spin',
    when: 'a quiet time after CHECK_DEVICE_STATE',
  },
} as const;

const session = {
  'reconnect-stale': {
    text: 'the next connection finds the device as the last one left it',
    clause: 'robust.reconnect',
    when: 'a second connection after SET_CONFIG or a load',
  },
  'reconnect-refused': {
    text: 'a second connection is closed at once',
    clause: 'robust.reconnect',
    when: 'a second connection',
  },
  'bad-direction-closes': {
    text: 'an unknown direction closes the connection',
    clause: 'communication.close',
    when: 'SET_DEVICE_STATE_FD with a direction above 1',
  },
  'deaf-after-refusal': {
    text: 'after a refused SET_DEVICE_STATE_FD nothing is answered any more',
    clause: 'robust.no-hang',
    when: 'any question after a refused SET_DEVICE_STATE_FD',
  },
  'ignores-sigterm': { text: 'SIGTERM is ignored', clause: 'conventions.sigterm', when: 'SIGTERM' },
} as const;

const crash = {
  'bad-size-kills': {
    text: 'a SET_DEVICE_STATE_FD of a wrong size ends the process',
    clause: 'robust.survives-bad-input',
    when: 'SET_DEVICE_STATE_FD with a payload of other than 8 bytes',
  },
  'many-descriptors-kill': {
    text: 'more than 8 descriptors with a message end the process',
    clause: 'robust.survives-bad-input',
    when: 'a message with more than 8 descriptors',
  },
  'oversize-kills': {
    text: 'a size beyond every message ends the process',
    clause: 'robust.survives-bad-input',
    when: 'a size field above 4096',
  },
  'lone-check-kills': {
    text: 'CHECK_DEVICE_STATE without a transfer ends the process',
    clause: 'robust.no-crash',
    when: 'CHECK_DEVICE_STATE without a transfer',
  },
  'empty-load-kills': {
    text: 'a load of nothing ends the process',
    clause: 'robust.no-crash',
    when: 'a load of nothing',
  },
  'disconnect-kills': {
    text: 'a disconnect in a transfer ends the process',
    clause: 'robust.no-crash',
    when: 'a disconnect while a transfer runs',
  },
} as const;

/** All of them, by name. */
export const faults = {
  ...reply,
  ...gating,
  ...suspended,
  ...channel,
  ...check,
  ...state,
  ...resume,
  ...resource,
  ...session,
  ...crash,
} satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
