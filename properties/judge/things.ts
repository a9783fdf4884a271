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
  readonly size: number;
  readonly nonblock: boolean;
  /** Ends of ours that are open. */
  readonly open: Set<string>;
  /** Ends whose writing direction we shut down. */
  readonly ended: Set<string>;
  /** What was written into it by us, and how much more the step wanted to write. */
  written: Uint8Array[];
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
      offset: 0,
      read: 0,
      reads: 0,
      orphan: false,
      replaced: false,
      uses: [],
    });
  }

  get(name: string): Thing | undefined {
    return this.all.get(thingOf(name));
  }

  /** A `write` step took `bytes` of what it had. @returns all that the channel would have held, had all been taken. */
  wrote(step: WriteStep, taken: number, states: ReadonlyMap<string, Uint8Array>): Uint8Array {
    const thing = this.get(step.name);
    const bytes = bytesOf(step, states) ?? new Uint8Array();
    if (thing === undefined) return bytes;
    const before = total(thing);
    thing.written.push(bytes.subarray(0, taken));
    thing.offset += taken;
    const whole = new Uint8Array(before.length + bytes.length);
    whole.set(before);
    whole.set(bytes, before.length);
    return whole;
  }

  /** Whether nothing more can be written into it on our side. */
  writersGone(thing: Thing): boolean {
    if (thing.kind === 'pipe') return !thing.open.has('w');
    if (thing.kind === 'socketpair') return [...thing.open].every((end) => thing.ended.has(end));
    return true;
  }
}

/** Everything that was written into it so far. */
export function total(thing: Thing): Uint8Array {
  const out = new Uint8Array(thing.written.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of thing.written) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
