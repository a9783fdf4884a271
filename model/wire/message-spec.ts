import type { FeatureName, ProtocolFeatureName } from './features.js';
import type { PayloadKind } from './payload.js';

/** How many descriptors come with a message. */
export interface FdRange {
  readonly min: number;
  readonly max: number;
}

/** What the tables of messages say; everything left out is none. */
export interface MessageEntry {
  readonly number: number;
  readonly request?: PayloadKind;
  /** Other payloads of the request, which depend on what was negotiated. */
  readonly otherRequests?: readonly PayloadKind[];
  readonly reply?: PayloadKind;
  /** Other payloads that the reply may have by some reading of the source. */
  readonly otherReplies?: readonly PayloadKind[];
  /** Whether it has a reply of its own; left out: it has when `reply` is given. */
  readonly replies?: Replies;
  readonly fds?: FdRange;
  readonly replyFds?: FdRange;
  readonly feature?: ProtocolFeatureName;
  readonly featureBit?: FeatureName;
}

/** `open`: the source leaves it open, or makes it depend on more than need_reply. */
export type Replies = 'always' | 'never' | 'open';

/** One message of the protocol. */
export interface MessageSpec {
  readonly number: number;
  /** Without `VHOST_USER_` and `VHOST_USER_BACKEND_`. */
  readonly name: string;
  readonly request: PayloadKind;
  /** Other payloads of the request, which depend on what was negotiated. */
  readonly otherRequests: readonly PayloadKind[];
  /** `none` when it has no reply of its own, or one without payload (see `replies`). */
  readonly reply: PayloadKind;
  /** Other payloads that the reply may have by some reading of the source. */
  readonly otherReplies: readonly PayloadKind[];
  readonly replies: Replies;
  /** Descriptors with the request. */
  readonly fds: FdRange;
  /** Descriptors with the reply. */
  readonly replyFds: FdRange;
  /** Protocol feature that must be negotiated. */
  readonly feature?: ProtocolFeatureName;
  /** Bit of the feature word that must be there. */
  readonly featureBit?: FeatureName;
  /** Place in vhost-user.rst. */
  readonly section: string;
}

const NO_FDS: FdRange = { min: 0, max: 0 };

/** Complete the entries of a table. @param heading the section of vhost-user.rst that lists them. @param prefix of the
 * names there. */
export function specs<N extends string>(
  entries: Readonly<Record<N, MessageEntry>>,
  heading: string,
  prefix: string,
): Readonly<Record<N, MessageSpec>> {
  const out = {} as Record<N, MessageSpec>;
  for (const name of Object.keys(entries) as N[]) {
    const entry = entries[name];
    out[name] = {
      name,
      request: 'none',
      otherRequests: [],
      reply: 'none',
      otherReplies: [],
      replies: entry.reply === undefined ? 'never' : 'always',
      fds: NO_FDS,
      replyFds: NO_FDS,
      section: `${heading}, ${prefix}${name}`,
      ...entry,
    };
  }
  return out;
}

/** Request numbers by name. */
export type NumbersOf<T extends Readonly<Record<string, MessageEntry>>> = { readonly [N in keyof T]: T[N]['number'] };

/** The numbers of a table. */
export function numbers<const T extends Readonly<Record<string, MessageEntry>>>(entries: T): NumbersOf<T> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.number])) as NumbersOf<T>;
}
