/** What crosses the boundary, abstracted: what we send, and what may come back. */
import type { ClauseId } from '../clauses/index.js';
import type { RequestName } from '../wire/index.js';
import type { Ring, SessionState } from './state.js';

/** What is wrong with, or unusual in, a message. Empty: it is well formed. */
export type Flaw =
  | ''
  | 'direction'
  | 'phase'
  | 'no-fd'
  | 'many-fds'
  | 'extra-fds'
  | 'fd-kind'
  | 'size'
  | 'version'
  | 'reply-flag'
  | 'flags'
  | 'index'
  | 'value'
  | 'unoffered'
  | 'reserved'
  | 'early'
  | 'out-of-frame';

/** A message from the front-end as the rules see it. */
export interface Req {
  readonly name: RequestName | 'UNKNOWN';
  readonly flaw: Flaw;
  /** Whatever the back-end is, it cannot carry this out. */
  readonly hopeless: boolean;
  readonly needReply: boolean;
  /** Sent in pieces, or glued to another one. */
  readonly fragmented: boolean;
  readonly ring: Ring | 'other';
  readonly num: number;
  /** A descriptor comes with it. */
  readonly fd: boolean;
  readonly value: bigint;
  readonly direction: 'save' | 'load' | 'other';
  readonly kind: SessionState['kind'];
  readonly sink: SessionState['sink'];
}

/** A well-formed message without arguments, to fill in. */
export const plainReq: Omit<Req, 'name'> = {
  flaw: '',
  hopeless: false,
  needReply: false,
  fragmented: false,
  ring: 0,
  num: 0,
  fd: false,
  value: 0n,
  direction: 'other',
  kind: 'pipe',
  sink: 'good',
};

/** What may come back for a message. `none`: nothing comes. `check`: judged when it is seen, see `checkRule`. */
export type Output =
  | 'ack 0'
  | 'ack error'
  | 'value'
  | 'value error'
  | 'empty'
  | 'echo'
  | 'set ok'
  | 'set ok own'
  | 'set error'
  | 'check'
  | 'check 0'
  | 'check error'
  | 'none';

/** One thing that the back-end may do with a message. */
export interface Outcome {
  readonly next: SessionState;
  readonly output: Output;
  /** The open question that this answers, and how. */
  readonly answer?: readonly [question: string, answer: string];
  /** Against a should: explained only where a run pins this answer. */
  readonly onlyPinned?: boolean;
}

/** What the source says of a message in a state. */
export interface Ruling {
  /** What is allowed; the first is what a conformant and permissive back-end does. */
  readonly outcomes: readonly Outcome[];
  /** Clauses that are judged here. */
  readonly clauses: readonly ClauseId[];
  /** The clause that a wrong output breaks; where none is named, see `blamed`. */
  readonly blame: Readonly<Partial<Record<Output | 'close' | 'quiet', ClauseId>>>;
  /** What else the rule looked at: part of a finding's signature. */
  readonly situation: string;
}
