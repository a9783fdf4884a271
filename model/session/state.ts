/** The state of one session: one front-end, one back-end process, one connection at a time. */
import { declare, type StateOf } from '../variables.js';
import { ProtocolFeature, type ProtocolFeatureName } from '../wire/index.js';

const YES = ['no', 'yes'] as const;

export const session = declare({
  /** `doubtful`: what was sent may have made the back-end close; `left`: we disconnected; `gone`: the back-end closed;
   * `wild`: what was sent is out of frame, nothing is known any more. */
  link: ['up', 'doubtful', 'left', 'gone', 'wild'],
  /** Bit 30 of the last answer to GET_FEATURES on this connection. */
  protocolBit: ['unknown', 'offered', 'absent'],
  /** The last SET_FEATURES that took effect. */
  features: ['none', 'with-30', 'without-30'],
  logAll: YES,
  /** Whether GET_PROTOCOL_FEATURES was answered, and what it offered (by bit number). */
  asked: YES,
  offered: { bits: 20 },
  negotiated: { bits: 20 },
  owner: YES,
  memory: ['none', 'set'],
  run0: ['stopped', 'started'],
  enabled0: YES,
  kick0: ['none', 'fd', 'poll', 'stale'],
  call0: ['none', 'fd', 'poll'],
  err0: ['none', 'fd', 'poll'],
  base0: ['zero', 'set', 'unknown'],
  run1: ['stopped', 'started'],
  enabled1: YES,
  kick1: ['none', 'fd', 'poll', 'stale'],
  call1: ['none', 'fd', 'poll'],
  err1: ['none', 'fd', 'poll'],
  base1: ['zero', 'set', 'unknown'],
  /** The transfer that runs, or the last one. */
  transfer: ['none', 'save', 'load'],
  channel: ['none', 'ours', 'theirs'],
  /** `special`: a socket, or non-blocking; `file`: one without an end that could be waited for. */
  kind: ['pipe', 'special', 'file'],
  /** The descriptor that we handed over cannot serve: wrong direction, no reader left, a directory. */
  sink: ['good', 'doomed', 'odd'],
  /** Of the channel: `eof` everything was written, and read; `broken` the reader left before the end. */
  end: ['open', 'eof', 'broken'],
  /** load: what was written in all, by its relation to a saved state. save: `cut` when not everything can have left. */
  content: ['unknown', 'valid', 'truncated', 'damaged', 'trailing', 'empty', 'foreign', 'cut'],
  /** What CHECK_DEVICE_STATE said of it. */
  checked: ['no', 'ok', 'error'],
  /** Transfers overlapped, or a reset came in between: any result is explained. */
  muddled: YES,
  /** What became of transfers before this one. */
  earlier: ['none', 'ok', 'failed'],
  /** Rings were started, the device was configured, or a state was loaded: not the device that was started any more. */
  used: YES,
});

export type SessionState = StateOf<typeof session.declaration>;

/** Ring numbers that the model follows. Every other index is `other`. */
export type Ring = 0 | 1;
export const rings: readonly Ring[] = [0, 1];

/** Whether a protocol feature is in a set of bits. */
export const has = (bits: number, name: ProtocolFeatureName): boolean => ((bits >>> ProtocolFeature[name]) & 1) === 1;

/** All rings are stopped (vhost-user.rst, Suspended device state). */
export const suspended = (s: SessionState): boolean => s.run0 === 'stopped' && s.run1 === 'stopped';

/** A transfer was begun and its result not asked for yet. */
export const transferring = (s: SessionState): boolean => s.transfer !== 'none' && s.checked === 'no';

/** The part of a state that tells situations apart for a report, for coverage and for a signature. */
export const situation = (s: SessionState): string =>
  session.print(s, ['transfer', 'sink', 'end', 'content', 'checked']) || 'idle';
