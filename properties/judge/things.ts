/** The objects of a trace as the judge sees them: which ends are open on our side, and what went through them. */
import { bytesOf } from '../../harness/bytes.js';
import type { ObjectKind, OpenStep, WriteStep } from '../../harness/trace/step.js';

/** A message that an object went with. */
export interface Use {
  readonly session: string;
  /** The message, and for a ring its number. */
  readonly role: string;
  readonly step: number;
  /** The message was well formed. */
  readonly good: boolean;
}

/** One object. */
export interface Thing {
  readonly name: string;
  readonly kind: ObjectKind;
  /** Bytes that were asked for; of a pipe that the back-end made larger what it takes now. */
  size: number;
  readonly nonblock: boolean;
  /** Ends of ours that are open. */
  readonly open: Set<string>;
  /** Ends whose writing direction we shut down. */
  readonly ended: Set<string>;
  /** What was written into it by us, as far as it was taken. */
  written: Uint8Array[];
  /** The same with what was not taken. */
  offered: Uint8Array[];
  /** File: where pieces of `written` are. A piece whose place is not known makes all of it unknown. */
  places: { readonly at: number; readonly bytes: Uint8Array }[] | undefined;
  /** File offset of a memory or regular file. */
  offset: number;
  /** Bytes that we read from it. */
  read: number;
  reads: number;
  /** It was given away as the channel of this session's transfer. */
  channelOf?: {
    readonly session: string;
    readonly end: string;
    readonly direction: 'save' | 'load' | 'other';
    /** Of its SET_DEVICE_STATE_FD. */
    readonly step: number;
  };
  /** It was a channel on a connection that is gone. */
  orphan: boolean;
  /** The back-end's own descriptor has taken the place of our end. */
  replaced: boolean;
  /** What messages it went with, beyond being a channel. */
  readonly uses: Use[];
}

const ENDS: Readonly<Partial<Record<ObjectKind, readonly string[]>>> = { pipe: ['r', 'w'], socketpair: ['a', 'b'] };

export const thingOf = (name: string): string => name.split('.')[0]!;
export const endOf = (name: string): string => name.split('.')[1] ?? '';

/** All objects of a trace. */
export class Things {
  readonly all = new Map<string, Thing>();

  open(step: OpenStep): void {
    this.all.set(step.name, {
      name: step.name,
      kind: step.kind,
      size: step.size ?? 0,
      nonblock: step.nonblock !== undefined,
      open: new Set(ENDS[step.kind] ?? ['']),
      ended: new Set(),
      written: [],
      offered: [],
      places: [],
      offset: 0,
      read: 0,
      reads: 0,
      orphan: false,
      replaced: false,
      uses: [],
    });
  }

  /** The back-end made a pipe larger. */
  grown(name: string, bytes: number): void {
    const thing = this.get(name);
    if (thing !== undefined) thing.size = bytes;
  }

  get(name: string): Thing | undefined {
    return this.all.get(thingOf(name));
  }

  /** A `write` step took `taken` bytes of what it had. @returns all that the channel would hold, had all ever been taken. */
  wrote(step: WriteStep, taken: number, states: ReadonlyMap<string, Uint8Array>): Uint8Array {
    const thing = this.get(step.name);
    const bytes = bytesOf(step, states) ?? new Uint8Array();
    if (thing === undefined) return bytes;
    thing.offered.push(bytes);
    const piece = bytes.subarray(0, taken);
    thing.written.push(piece);
    if (thing.offset < 0) thing.places = undefined;
    else thing.places?.push({ at: thing.offset, bytes: piece });
    if (thing.offset >= 0) thing.offset += taken;
    return joined(thing.offered);
  }

  /** Whether nothing more can be written into it on our side. */
  writersGone(thing: Thing): boolean {
    if (thing.kind === 'pipe') return !thing.open.has('w');
    if (thing.kind !== 'socketpair') return true;
    // Whoever holds the end that the back-end reads can only write towards us.
    return [...thing.open].every((end) => end === thing.channelOf?.end || thing.ended.has(end));
  }
}

/** Everything that was written into it so far. */
export const total = (thing: Thing): Uint8Array => joined(thing.written);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
