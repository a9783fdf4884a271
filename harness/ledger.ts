import { type Descriptor, pipeCapacity } from '../native/index.js';
import type { ObjectKind } from './trace/step.js';

/** One descriptor of ours with a name in the trace. */
export class End {
  /** The reader saw end of file here, or we shut the writing direction down: the transfer through it is over. */
  finished = false;

  constructor(
    readonly name: string,
    readonly object: ThingOpened,
    public descriptor: Descriptor,
  ) {}

  get open(): boolean {
    return !this.descriptor.closed;
  }
}

/** An object of the trace: a pipe with its two ends, a memory file, … */
export interface ThingOpened {
  readonly name: string;
  readonly kind: ObjectKind;
  readonly ends: Map<string, End>;
  /** What /proc of a process shows that holds a descriptor of it (also of the channel that replaced it). */
  readonly identities: Map<string, string>;
  /** Bytes that a pipe takes, as it was made. */
  readonly capacity?: number;
}

/** Kinds with two ends, and what the ends are called. */
export const twoEnds = { pipe: ['r', 'w'], socketpair: ['a', 'b'] } as const satisfies Partial<
  Record<ObjectKind, unknown>
>;

/** The object's name in the name of an end: `pipe1` of `pipe1.r`. */
export function objectOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

/**
 * Which descriptors of ours there are, by their names in the trace, and which of them are closed. It owns them: what a
 * trace leaves open, `closeAll` closes.
 */
export class Ledger {
  readonly objects = new Map<string, ThingOpened>();
  readonly #ends = new Map<string, End>();
  /** Ends in whose place the back-end sent something of its own. */
  readonly #rebound = new Set<End>();

  /** Take an object over. `ends` by what follows the dot of their names; the key '' for an object with one end. */
  add(name: string, kind: ObjectKind, ends: Readonly<Record<string, Descriptor>>): void {
    const capacity = kind === 'pipe' && ends.r !== undefined ? { capacity: pipeCapacity(ends.r) } : {};
    const object: ThingOpened = { name, kind, ends: new Map(), identities: new Map(), ...capacity };
    this.objects.set(name, object);
    for (const [letter, descriptor] of Object.entries(ends)) {
      const full = letter === '' ? name : `${name}.${letter}`;
      const end = new End(full, object, descriptor);
      object.ends.set(letter, end);
      // Everybody has the null device open: that it is held says nothing.
      if (kind !== 'null') object.identities.set(descriptor.identity(), full);
      this.#ends.set(full, end);
    }
  }

  has(object: string): boolean {
    return this.objects.has(object);
  }

  /** The end of this name, open or closed; undefined where nothing of this name was ever opened. */
  end(name: string): End | undefined {
    return this.#ends.get(name);
  }

  /** The open end of this name, or why there is none. */
  use(name: string): End | string {
    const end = this.#ends.get(name);
    if (end === undefined) return this.objects.has(name) ? `${name} has two ends` : `${name} was never opened`;
    return end.open ? end : `${name} is closed`;
  }

  /** Pipes that take more than they did when they were made: whoever holds an end can make them larger. */
  grown(): { readonly name: string; readonly bytes: number }[] {
    return [...this.objects.values()].flatMap(({ name, capacity, ends }) => {
      const reader = ends.get('r');
      if (capacity === undefined || !reader?.open || this.#rebound.has(reader)) return [];
      const bytes = pipeCapacity(reader.descriptor);
      return bytes > capacity ? [{ name, bytes }] : [];
    });
  }

  /** Close an end, or all open ends of an object. @returns why it could not be done. */
  close(name: string): string | undefined {
    const object = this.objects.get(name);
    const ends = object === undefined ? [this.#ends.get(name)] : [...object.ends.values()];
    const open = ends.filter((end) => end?.open) as End[];
    if (open.length === 0) return ends[0] === undefined ? `${name} was never opened` : `${name} is closed`;
    for (const end of open) end.descriptor.close();
    return undefined;
  }

  /** From now on `name` means the descriptor that the back-end sent in its place; ours is closed. */
  rebind(name: string, received: Descriptor): boolean {
    const end = this.#ends.get(name);
    if (end === undefined) return false;
    if (end.open) end.descriptor.close();
    end.descriptor = received;
    this.#rebound.add(end);
    end.finished = false;
    end.object.identities.set(received.identity(), name);
    return true;
  }

  /** The name of the end that this descriptor is a copy of. */
  nameOf(descriptor: Descriptor): string | undefined {
    for (const end of this.#ends.values()) if (end.open && end.descriptor.same(descriptor)) return end.name;
    // The end that we handed over is often closed on our side: then the object, and for a pipe the direction, tell.
    const identity = descriptor.identity();
    for (const object of this.objects.values()) {
      const name = object.identities.get(identity);
      if (name === undefined) continue;
      if (object.kind !== 'pipe') return name;
      const { access } = descriptor;
      return access === 'both' ? object.name : `${object.name}.${access === 'read' ? 'r' : 'w'}`;
    }
    return undefined;
  }

  /** Numbers of the descriptors that we hold ourselves. */
  numbers(): Set<number> {
    const numbers = new Set<number>();
    for (const end of this.#ends.values()) if (end.open) numbers.add(end.descriptor.fd);
    return numbers;
  }

  /**
   * Whether nothing more can come through an object of which `passed` ends were handed over: our other end is closed,
   * shut down, or read to its end. Files end by themselves.
   */
  over(object: ThingOpened, passed: ReadonlySet<string>): boolean {
    if (!(object.kind in twoEnds)) return true;
    const ends = [...object.ends.values()];
    const ours = ends.filter((end) => !passed.has(end.name));
    if (ours.length === 0) return ends.every((end) => !end.open);
    return ours.some((end) => !end.open || end.finished);
  }

  /** @returns whether there was anything to close */
  closeAll(): boolean {
    const open = [...this.#ends.values()].filter((end) => end.open);
    for (const end of open) end.descriptor.close();
    return open.length > 0;
  }
}
