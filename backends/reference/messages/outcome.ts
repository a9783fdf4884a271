/** What serving a message came to. */
import type { Descriptor } from '../../../native/index.js';

/** Done; acknowledged where that was asked for. */
export const DONE = { is: 'done' } as const;
/** Nothing is said, also where an acknowledgement was asked for. */
export const SILENCE = { is: 'silence' } as const;
/** The connection is to be closed: there is no other way to say an error. */
export const CLOSE = { is: 'close' } as const;

/** A reply of the message's own type. */
export interface Reply {
  readonly is: 'reply';
  readonly payload: Uint8Array;
  /** Sent along and then closed. */
  readonly descriptors: Descriptor[];
}

/** Not done, and nothing has changed: the message is wrong, or may not come now. */
export const REFUSED = { is: 'refused' } as const;

/** The reply is not known yet. */
export interface Later {
  readonly is: 'later';
  readonly reply: Promise<Reply>;
}

export type Outcome = typeof DONE | typeof SILENCE | typeof CLOSE | Reply | typeof REFUSED | Later;

/** A reply with descriptors that are handed over. */
export const reply = (payload: Uint8Array, descriptors: Descriptor[] = []): Reply => ({
  is: 'reply',
  payload,
  descriptors,
});

/** Done, or refused for what was in the message. */
export const doneIf = (good: boolean): Outcome => (good ? DONE : REFUSED);
