/** What the front-end shares: memory regions, the dirty log, the inflight area. Kept, and not looked into. */
import type { Descriptor } from '../../native/index.js';
import { MEMORY_SLOTS } from './offer.js';

/** A piece of guest memory. */
export interface Region {
  readonly guest: bigint;
  readonly size: bigint;
  readonly user: bigint;
  /** Where it starts in its descriptor. */
  readonly offset: bigint;
}

interface Mapped {
  readonly region: Region;
  readonly descriptor: Descriptor;
}

const LIMIT = 1n << 64n;

/** A region that can be mapped: not empty, and without an end beyond the last address. */
const sound = (r: Region): boolean =>
  r.size > 0n && r.guest + r.size <= LIMIT && r.user + r.size <= LIMIT && r.offset + r.size <= LIMIT;

const meet = (a: bigint, b: bigint, aSize: bigint, bSize: bigint): boolean => a < b + bSize && b < a + aSize;

/** Two regions that claim the same address. */
const overlap = (a: Region, b: Region): boolean =>
  meet(a.guest, b.guest, a.size, b.size) || meet(a.user, b.user, a.size, b.size);

/** Whether memory can be mapped from a descriptor. */
export function mappable(descriptor: Descriptor): boolean {
  const { kind } = descriptor.stat();
  return kind === 'file' || kind === 'memfd';
}

/** The memory table of one connection. Descriptors handed to it are its own from then on, when it takes them. */
export class MemoryTable {
  #regions: Mapped[] = [];

  /** Put a whole table in place of the present one. @returns false, and changes and takes nothing, where it is unsound. */
  replace(regions: readonly Region[], descriptors: readonly Descriptor[]): boolean {
    if (regions.length !== descriptors.length || !descriptors.every(mappable) || !regions.every(sound)) return false;
    if (regions.some((a, i) => regions.slice(i + 1).some((b) => overlap(a, b)))) return false;
    this.close();
    this.#regions = regions.map((region, i) => ({ region, descriptor: descriptors[i]! }));
    return true;
  }

  /** Add one region. @returns false, and changes and takes nothing, where it is unsound or there is no slot. */
  add(region: Region, descriptor: Descriptor): boolean {
    if (!mappable(descriptor) || !sound(region) || this.#regions.length >= MEMORY_SLOTS) return false;
    if (this.#regions.some((other) => overlap(other.region, region))) return false;
    this.#regions.push({ region, descriptor });
    return true;
  }

  /** Remove the region of that guest address, user address and size. @returns false where there is none. */
  remove(region: Region): boolean {
    const at = this.#regions.findIndex(
      ({ region: r }) => r.guest === region.guest && r.user === region.user && r.size === region.size,
    );
    if (at < 0) return false;
    for (const { descriptor } of this.#regions.splice(at, 1)) descriptor.close();
    return true;
  }

  /** Forget everything. */
  close(): void {
    for (const { descriptor } of this.#regions.splice(0)) descriptor.close();
  }
}

/** Single descriptors that are kept until another takes their place. */
export class Holder {
  #held: Descriptor | undefined;

  get held(): Descriptor | undefined {
    return this.#held;
  }

  /** Take a descriptor over, in place of an earlier one. */
  hold(descriptor: Descriptor): void {
    this.close();
    this.#held = descriptor;
  }

  close(): void {
    this.#held?.close();
    this.#held = undefined;
  }
}
