/** What came of running a trace. */

/** A descriptor that the back-end sent us. */
export interface ReceivedDescriptor {
  /** As /proc shows its target's kind. */
  readonly kind: 'fifo' | 'socket' | 'file' | 'memfd' | 'eventfd' | 'directory' | 'char' | 'other';
  readonly access: 'read' | 'write' | 'both';
  /** The name in the trace of the object of ours that it is a copy of, if it is one. */
  readonly sameAs?: string;
}

interface At {
  /** Index of the step in the trace; the number of steps for what is seen after the last one. */
  readonly step: number;
  /** Microseconds since the trace began. Never used for a verdict. */
  readonly us: number;
  /** The session that it belongs to. */
  readonly on: string;
}

/** The message went out; `complete` is false where the socket would take no more or was gone. `value`: its payload, where
 * that is a single 64-bit number. */
interface Sent {
  readonly type: 'sent';
  readonly bytes: number;
  readonly complete: boolean;
  readonly value?: bigint;
}

/** A whole message from the back-end on the main socket. */
interface Message {
  readonly type: 'message';
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly descriptors: readonly ReceivedDescriptor[];
}

/** Bytes that are not a message: the connection ended inside one, its size is beyond all limits, or too much came (the
 * first 4 KiB of them). After `oversize` and `flood` the connection is given up. `channel`: they came over our end of a
 * back-end channel, which has this name, and not over the main socket. */
interface Garbage {
  readonly type: 'garbage';
  readonly reason: 'cut-off' | 'oversize' | 'flood';
  readonly bytes: Uint8Array;
  readonly channel?: string;
}

/** An awaited message did not come within the deadline. */
interface Quiet {
  readonly type: 'quiet';
  readonly waitedMs: number;
}

/** The connection is gone (end of file, reset and broken pipe are one event). */
interface Gone {
  readonly type: 'gone';
}

/** A connection could not be made. */
interface Refused {
  readonly type: 'refused';
  readonly error: string;
}

/** A `connect` or `start` step was accepted. */
interface Connected {
  readonly type: 'connected';
}

/** A write step ended. `blocked`: nothing more was taken for a deadline. */
interface Wrote {
  readonly type: 'wrote';
  readonly name: string;
  readonly bytes: number;
  readonly of: number;
  readonly outcome: 'all' | 'gone' | 'blocked' | 'error';
  readonly error?: string;
}

/** A read step ended. `blocked`: neither bytes nor end of file for a deadline; `endless`: over the limit. */
interface Read {
  readonly type: 'read';
  readonly name: string;
  readonly bytes: number;
  readonly outcome: 'eof' | 'enough' | 'blocked' | 'endless' | 'error';
  readonly error?: string;
}

/** A call or error eventfd of ours was signalled (seen at this step). */
interface Signal {
  readonly type: 'signal';
  readonly name: string;
  readonly count: bigint;
}

/** A message came over the back-end channel (SET_BACKEND_REQ_FD). */
interface BackendMessage {
  readonly type: 'backend-message';
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Objects of ours that the back-end still holds a descriptor of, after it had a deadline to let go. Looked at behind the
 * reply to CHECK_DEVICE_STATE and an error reply to SET_DEVICE_STATE_FD (then only channels of finished transfers are
 * named), after the last step (everything held is named, but only those channels were waited for), and when we have
 * left (`parted`: everything is named and was waited for). */
interface HeldByBackend {
  readonly type: 'held';
  readonly names: readonly string[];
  readonly parted?: boolean;
}

/** The step could not be done: its descriptor is closed, its session is gone, … */
interface Skipped {
  readonly type: 'skipped';
  readonly reason: string;
}

/** A pipe of ours takes more bytes than when it was made: the back-end has enlarged it. Seen before we close something. */
interface Grown {
  readonly type: 'grown';
  readonly name: string;
  readonly bytes: number;
}

/** The harness closed every descriptor of the trace that was still open: the trace is over, the connections are not. */
interface Closing {
  readonly type: 'closing';
}

/** The process ended by itself. */
interface Exited {
  readonly type: 'exit';
  readonly code: number | null;
  readonly signal: string | null;
}

/** One thing that happened, in the order in which it was seen. */
export type HistoryEvent = At &
  (
    | Sent
    | Message
    | Garbage
    | Quiet
    | Gone
    | Refused
    | Connected
    | Wrote
    | Read
    | Signal
    | BackendMessage
    | HeldByBackend
    | Skipped
    | Grown
    | Closing
    | Exited
  );

/** Facts of a back-end process at one moment. */
export interface ProcessFacts {
  readonly descriptors: number;
  readonly threads: number;
  /** Resident set, bytes. */
  readonly memory: number;
  /** User and system time, milliseconds. */
  readonly cpuMs: number;
}

/** Facts of one session's back-end process. Absent where the process is not ours to look at. */
export interface SessionFacts {
  readonly pid?: number;
  /** When it had answered for the first time, or was idle before the first descriptor went over. */
  readonly before?: ProcessFacts;
  /** After the last step, and its barrier, while still connected. */
  readonly after?: ProcessFacts;
  /** After our disconnect, where the back-end lives on. */
  readonly parted?: ProcessFacts;
  /** Share of one processor used over a short quiet time at the end (only where the trace asks with `linger`). */
  readonly idleCpu?: number;
  readonly exit?: { readonly code: number | null; readonly signal: string | null };
  /** True when the harness had to kill it after SIGTERM brought nothing. */
  readonly killed?: boolean;
  readonly stderr: string;
}

/** Everything that a judge needs. */
export interface History {
  readonly events: readonly HistoryEvent[];
  readonly sessions: Readonly<Record<string, SessionFacts>>;
  /** Byte strings that `read` steps stored. */
  readonly states: Readonly<Record<string, Uint8Array>>;
  /** How long a due answer was waited for, milliseconds. */
  readonly deadlineMs: number;
}
