/**
 * The rings: their descriptors, base and size, and which of them run. What is in them is not looked at.
 *
 * A ring starts with the first kick on its descriptor and stops with GET_VRING_BASE. A kick may be anything that can
 * become readable, and anything may come out of it.
 */
import { type Descriptor, waitFor } from '../../native/index.js';
import { MAX_RING_SIZE, QUEUES } from './offer.js';
import type { Faults } from './sabotage.js';
import type { Variants } from './variants.js';

/** Bytes taken from a kick descriptor at once (an eventfd has 8, a pipe as many as there are). */
const KICK_BYTES = 4096;
/** Kicks in a row that announce themselves and then are not there: beyond it the descriptor is no longer watched. */
const EMPTY_KICKS = 64;

/** How late a late signal is, milliseconds. */
export const LATE_MS = 30;
/** What is written to signal an event. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** Signal an event, where somebody can still see it. */
function signal(event: Descriptor): void {
  try {
    event.write(ONE);
  } catch {
    // Nobody is there any more, or it cannot be written.
  }
}

/** Where the parts of a ring are. */
export interface RingAddress {
  readonly flags: number;
  readonly descriptor: bigint;
  readonly used: bigint;
  readonly available: bigint;
  readonly log: bigint;
}

interface Ring {
  readonly index: number;
  size: number;
  base: number;
  address: RingAddress | undefined;
  enabled: boolean;
  started: boolean;
  /** Something to kick it with (a descriptor, or polling) came since it was last stopped. */
  setUp: boolean;
  /** Kicks are listened to. */
  armed: boolean;
  kick: Descriptor | undefined;
  call: Descriptor | undefined;
  err: Descriptor | undefined;
  /** A kick came while the ring was disabled and waits for it to be enabled (open.disabled-requests). */
  held: boolean;
}

/** Which of a ring's three descriptors. */
export type RingDescriptor = 'kick' | 'call' | 'err';

const fresh = (index: number): Ring => ({
  index,
  size: 0,
  base: 0,
  address: undefined,
  enabled: false,
  started: false,
  setUp: false,
  armed: false,
  kick: undefined,
  call: undefined,
  err: undefined,
  held: false,
});

/** The rings of one connection. Indices are those of messages; a wrong one is told by `has`. */
export class Rings {
  readonly #variants: Variants;
  readonly #faults: Faults;
  readonly #onStart: () => void;
  readonly #rings = Array.from({ length: QUEUES }, (_, index) => fresh(index));

  /** @param onStart called when a ring starts. */
  constructor(variants: Variants, faults: Faults, onStart: () => void) {
    this.#variants = variants;
    this.#faults = faults;
    this.#onStart = onStart;
  }

  /** Whether there is such a ring. */
  has(index: number): boolean {
    return index < this.#rings.length;
  }

  /** True while no ring runs. */
  get suspended(): boolean {
    return this.#rings.every((ring) => !ring.started);
  }

  /** @returns false for a size that no split ring has. */
  setSize(index: number, size: number): boolean {
    if (size === 0 || size > MAX_RING_SIZE) return false;
    this.#rings[index]!.size = size;
    return true;
  }

  setAddress(index: number, address: RingAddress): void {
    this.#rings[index]!.address = address;
  }

  /** The next available index, of which the low 16 bits count. */
  setBase(index: number, base: number): void {
    this.#rings[index]!.base = base & 0xffff;
  }

  /** Enable or disable; remembered while the ring is stopped. */
  enable(index: number, enabled: boolean): void {
    const ring = this.#rings[index]!;
    ring.enabled = enabled;
    if (!enabled || !ring.held) return;
    ring.held = false;
    if (ring.kick !== undefined) void this.#watch(ring, ring.kick);
  }

  enableAll(): void {
    for (const { index } of this.#rings) this.enable(index, true);
  }

  /** Take a descriptor over, in place of an earlier one. `undefined`: there is none, the ring is polled instead. */
  setDescriptor(index: number, which: RingDescriptor, descriptor: Descriptor | undefined): void {
    const ring = this.#rings[index]!;
    if (which === 'kick' && this.#faults.has('leak-replaced-kick')) this.#faults.lose(ring.kick);
    else ring[which]?.close();
    ring[which] = descriptor;
    if (which !== 'kick') return;
    ring.setUp = true;
    ring.armed = true;
    ring.held = false;
    // Polling means not to wait for any kick: there is no other moment at which the ring could start.
    if (descriptor === undefined || this.#variants['open.start-moment'] === 'message') this.#start(ring);
    if (descriptor !== undefined) void this.#watch(ring, descriptor);
  }

  #start(ring: Ring): void {
    if (ring.started) return;
    ring.started = true;
    this.#onStart();
  }

  async #watch(ring: Ring, kick: Descriptor): Promise<void> {
    for (let empty = 0; empty < EMPTY_KICKS; ) {
      try {
        if (ring.kick !== kick || !ring.armed) return;
        if (!(await waitFor(kick, 'readable', Number.POSITIVE_INFINITY))) continue;
        if (ring.kick !== kick || !ring.armed) return;
        this.#start(ring);
        if (!ring.enabled && this.#variants['open.disabled-requests'] === 'leave') {
          ring.held = true;
          return;
        }
        const got = kick.read(KICK_BYTES);
        if (got === 'end') return;
        empty = got === 'again' ? empty + 1 : 0;
      } catch {
        // Not a descriptor that can be waited for or read: it will never kick.
        return;
      }
    }
  }

  /** Whether something to kick the ring with came since it was last stopped. */
  isSetUp(index: number): boolean {
    return this.#rings[index]!.setUp;
  }

  /** Stop a ring. @returns its next available index. */
  stop(index: number): number {
    const ring = this.#rings[index]!;
    if (this.#faults.has('stop-notifies-late') && ring.call !== undefined) this.#signalLater(ring.call.dup('call'));
    ring.started = false;
    ring.setUp = false;
    ring.held = false;
    ring.armed = this.#variants['open.kick-after-stop'] === 'starts';
    if (this.#variants['open.base-drops-fds'] === 'drop') {
      ring.address = undefined;
      this.#forget(ring, ring.armed ? ['call', 'err'] : ['kick', 'call', 'err']);
    }
    return ring.base;
  }

  #forget(ring: Ring, which: readonly RingDescriptor[]): void {
    for (const name of which) {
      ring[name]?.close();
      ring[name] = undefined;
    }
  }

  /** Signal every call descriptor: nothing that a conformant back-end does while no ring has anything new. */
  signalAll(): void {
    for (const { call } of this.#rings) if (call !== undefined) signal(call);
  }

  #signalLater(call: Descriptor): void {
    setTimeout(() => {
      signal(call);
      call.close();
    }, LATE_MS);
  }

  /** Lose the indices: nothing that a conformant back-end does. */
  forgetBases(): void {
    for (const ring of this.#rings) ring.base = 0;
  }

  /** RESET_DEVICE: all rings disabled, and back at their beginning unless a variant says that they keep running. */
  reset(): void {
    const stops = this.#variants['open.reset-stops'] === 'stops';
    for (const ring of this.#rings) {
      ring.enabled = false;
      if (!stops) continue;
      this.#forget(ring, ['kick', 'call', 'err']);
      Object.assign(ring, fresh(ring.index));
    }
  }

  /** Close every descriptor. */
  close(): void {
    for (const ring of this.#rings) this.#forget(ring, ['kick', 'call', 'err']);
  }
}
