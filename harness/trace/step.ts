/**
 * The steps of a trace: everything that the front-end side does, with symbolic descriptors, nothing random and no clock.
 *
 * A descriptor is named by its object and, where the object has two ends, the end: `pipe1.r`, `pipe1.w`, `pair1.a`,
 * `pair1.b`, `mem1`, `kick0`. A step with `on` belongs to that session (`a` is started and connected before the first
 * step; others by a `start` step). The same shapes are what a corpus file holds, see `harness/trace/file.ts`.
 */

/** A 64-bit value of a message: a number, a literal (`0x…`), or what the back-end offered in its last
 * GET_FEATURES / GET_PROTOCOL_FEATURES reply, whole or masked: `offered`, `offered & 0x8`, `offered & ~0x8`. */
export type Value64 = number | string;

/** Payload fields by the names of `model/wire`; values as written in a trace. */
export type Fields = Readonly<Record<string, Value64 | readonly Fields[]>>;

/** A place in a byte string: bytes from its start, bytes from its end (negative), or a share of its length (`"50%"`). */
export type Position = number | string;

/** What can be wrong with, or special in, a message. Everything left out means the lawful value. */
export interface MessageStep {
  /** `call` awaits the reply to this message, `send` does not. A call that is held back (`glue`) or cut off (`only`)
   * awaits nothing either: none is due yet. */
  readonly do: 'call' | 'send';
  /** Name of a front-end message (without `VHOST_USER_`), or a request number. */
  readonly message: string | number;
  readonly on?: string;
  /** Payload fields; those left out are zero (lists: empty). */
  readonly with?: Fields;
  /** Descriptors in the ancillary data, in order. The same name twice sends it twice. */
  readonly fds?: readonly string[];
  /** Set the need_reply flag. */
  readonly needReply?: boolean;
  /** The whole flags word in place of version 1 (and need_reply). */
  readonly flags?: number;
  /** The header's size field in place of the payload's length. */
  readonly size?: number;
  /** These payload bytes (hexadecimal) in place of the encoded fields. */
  readonly raw?: string;
  /** Offsets at which the message is split into several sends, ascending. Descriptors go with the first piece. */
  readonly cut?: readonly number[];
  /** Hold the message and send it in one piece with the next one (which carries no descriptors either). */
  readonly glue?: boolean;
  /** Send only this many bytes of it. */
  readonly only?: number;
  /** SET_DEVICE_STATE_FD: our own end of the channel. If the reply brings a descriptor, ours is closed and this name
   * means the back-end's from then on (source: the front-end must discard its channel). */
  readonly channel?: string;
}

/** Wait for this many further messages from the back-end (replies to `send` steps). */
export interface AwaitStep {
  readonly do: 'await';
  readonly replies: number;
  readonly on?: string;
}

/** Kinds of objects whose descriptors a trace can use. */
export type ObjectKind = 'pipe' | 'socketpair' | 'memfd' | 'file' | 'eventfd' | 'directory' | 'null';

/** Make an object. */
export interface OpenStep {
  readonly do: 'open';
  readonly name: string;
  readonly kind: ObjectKind;
  /** pipe: bytes, set by F_SETPIPE_SZ; memfd, file: size in bytes. */
  readonly size?: number;
  /** Which end is non-blocking: for a pipe or pair `r`, `w`, `a`, `b` or `both`; for others `both`. */
  readonly nonblock?: 'r' | 'w' | 'a' | 'b' | 'both';
}

/** Close one of our descriptors, or a whole object. */
export interface CloseStep {
  readonly do: 'close';
  readonly name: string;
}

/** Shut down one direction of a socket-pair end. */
export interface ShutdownStep {
  readonly do: 'shutdown';
  readonly name: string;
  readonly how: 'read' | 'write' | 'both';
}

/** Write bytes. Exactly one of `state`, `hex`, `pattern` says which. Goes on until all are taken, the reader is gone, or
 * nothing was taken for a deadline. */
export interface WriteStep {
  readonly do: 'write';
  readonly name: string;
  /** Bytes that a `read` step stored under this name. */
  readonly state?: string;
  readonly from?: Position;
  readonly to?: Position;
  /** Invert the byte at this place of what `from` and `to` leave. */
  readonly flip?: Position;
  readonly hex?: string;
  /** That many bytes of a fixed pattern. */
  readonly pattern?: number;
}

/** Put the file offset of a memory or regular file back to 0. */
export interface RewindStep {
  readonly do: 'rewind';
  readonly name: string;
}

/** Read until end of file, or `bytes` bytes. Stored under `into` when given. */
export interface ReadStep {
  readonly do: 'read';
  readonly name: string;
  readonly bytes?: number;
  readonly into?: string;
}

/** Write 1 to an eventfd. */
export interface KickStep {
  readonly do: 'kick';
  readonly name: string;
}

/** Leave: close the connection. */
export interface DisconnectStep {
  readonly do: 'disconnect';
  readonly on?: string;
}

/** Connect again to the same process; recorded as refused where it has gone or no longer listens. */
export interface ConnectStep {
  readonly do: 'connect';
  readonly on?: string;
}

/** Start a further process of the same back-end and connect to it. */
export interface StartStep {
  readonly do: 'start';
  readonly session: string;
}

/** Do nothing for this long and watch. */
export interface LingerStep {
  readonly do: 'linger';
  readonly ms: number;
}

export type Step =
  | MessageStep
  | AwaitStep
  | OpenStep
  | CloseStep
  | ShutdownStep
  | WriteStep
  | RewindStep
  | ReadStep
  | KickStep
  | DisconnectStep
  | ConnectStep
  | StartStep
  | LingerStep;

/** A list of steps. After the last one the harness sends a barrier on every live session and closes everything. */
export type Trace = readonly Step[];
