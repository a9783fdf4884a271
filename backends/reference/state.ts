/**
 * The bytes of a saved device: fixed fields, filler, checksum. Numbers are little-endian.
 *
 *     0  magic (8 bytes)      16  whole length     32  changes    40  configuration space
 *     8  version              24  identity         36  saves     104  filler …  then a checksum (4 bytes)
 *     12 bytes of the fixed fields
 *
 * The filler stands for the bulk of a real device's state. It follows from the identity and the changes, so that two
 * different devices differ everywhere. The checksum changes with any single byte; with the length it tells a truncated,
 * a damaged and a prolonged state apart, and with the magic a foreign one. Both directions work piece by piece: memory
 * does not depend on the state's size, nor on what a stranger says that it is.
 */
import { CONFIG_SIZE, MAX_STATE_SIZE } from './offer.js';

const MAGIC = Uint8Array.from('vhc-ref\n', (c) => c.charCodeAt(0));
const FORMAT = 1;
const FIXED = 40 + CONFIG_SIZE;
const CHECKSUM = 4;

/** Bytes of a saved state beside its filler. */
export const STATE_OVERHEAD = FIXED + CHECKSUM;

/** What a device is: all of it travels. */
export interface DeviceState {
  /** Which device this is. */
  identity: bigint;
  /** How often its configuration was written. */
  changes: number;
  /** How often it was saved, where saving leaves a trace in the device (open.save-side-effects). */
  saves: number;
  config: Uint8Array;
  /** Bytes of filler. */
  fillerSize: number;
}

/** What became of a state that was read to its end. */
export type Verdict = 'good' | 'empty' | 'foreign' | 'truncated' | 'damaged' | 'trailing';

const HASH_START = 0x811c9dc5;

/** FNV-1a: a changed byte always changes the result, as every step is one-to-one in both of its inputs. */
function hash(from: number, bytes: Uint8Array): number {
  let h = from;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h;
}

function fixedFields(state: DeviceState): Uint8Array {
  const bytes = new Uint8Array(FIXED);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, FIXED, true);
  view.setBigUint64(16, BigInt(STATE_OVERHEAD + state.fillerSize), true);
  view.setBigUint64(24, state.identity, true);
  view.setUint32(32, state.changes, true);
  view.setUint32(36, state.saves, true);
  bytes.set(state.config, 40);
  return bytes;
}

/** Gives out the bytes of one state, as it was when this was made. */
export class StateWriter {
  readonly #fixed: Uint8Array;
  readonly #end: number;
  #at = 0;
  #hash = HASH_START;
  #seed: number;

  constructor(state: DeviceState) {
    this.#fixed = fixedFields(state);
    this.#end = FIXED + state.fillerSize;
    this.#seed = (hash(HASH_START, this.#fixed) | 1) >>> 0;
  }

  /** Bytes not yet given out. */
  get left(): number {
    return this.#end + CHECKSUM - this.#at;
  }

  /** The next bytes, at most `most`; none when all were given out. */
  next(most: number): Uint8Array {
    const size = Math.min(most, this.left);
    const bytes = new Uint8Array(size);
    let filled = 0;
    if (this.#at < FIXED) {
      filled = Math.min(size, FIXED - this.#at);
      bytes.set(this.#fixed.subarray(this.#at, this.#at + filled));
    }
    const filler = Math.min(size - filled, Math.max(0, this.#end - this.#at - filled));
    this.#fill(bytes.subarray(filled, filled + filler));
    filled += filler;
    this.#hash = hash(this.#hash, bytes.subarray(0, filled));
    for (; filled < size; filled++) bytes[filled] = this.#hash >>> (8 * (this.#at + filled - this.#end));
    this.#at += size;
    return bytes;
  }

  #fill(bytes: Uint8Array): void {
    let x = this.#seed;
    for (let i = 0; i < bytes.length; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      bytes[i] = x;
    }
    this.#seed = x;
  }
}

/** Takes the bytes of a state in any pieces and judges them at the end. */
export class StateReader {
  readonly #fixed = new Uint8Array(FIXED);
  readonly #tail = new Uint8Array(CHECKSUM);
  #at = 0;
  #hash = HASH_START;
  /** Where the checksum begins; known with the fixed fields. */
  #end = FIXED;
  #foreign = false;

  /** Bytes taken so far. */
  get taken(): number {
    return this.#at;
  }

  /** Whether all of the fixed fields have come. */
  get hasFields(): boolean {
    return this.#at >= FIXED;
  }

  /** Take the next bytes. What is beyond the announced length is counted and not kept. */
  push(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.#at < FIXED) {
      const part = rest.subarray(0, FIXED - this.#at);
      this.#fixed.set(part, this.#at);
      this.#at += part.length;
      rest = rest.subarray(part.length);
      this.#foreign ||= !MAGIC.every((byte, i) => i >= this.#at || byte === this.#fixed[i]);
      if (this.#at < FIXED) return;
      this.#header();
    }
    if (this.#at < this.#end) {
      const part = rest.subarray(0, this.#end - this.#at);
      if (!this.#foreign) this.#hash = hash(this.#hash, part);
      this.#at += part.length;
      rest = rest.subarray(part.length);
    }
    for (let i = 0; i < rest.length && this.#at + i < this.#end + CHECKSUM; i++) {
      this.#tail[this.#at + i - this.#end] = rest[i]!;
    }
    this.#at += rest.length;
  }

  #header(): void {
    const view = new DataView(this.#fixed.buffer);
    const length = view.getBigUint64(16, true);
    this.#foreign ||= view.getUint32(8, true) !== FORMAT || view.getUint32(12, true) !== FIXED;
    if (length < STATE_OVERHEAD || length > STATE_OVERHEAD + MAX_STATE_SIZE) this.#end = Number.MAX_SAFE_INTEGER;
    else this.#end = Number(length) - CHECKSUM;
    this.#hash = hash(HASH_START, this.#fixed);
  }

  /** What the bytes were; to be asked after the last. */
  verdict(): Verdict {
    if (this.#at === 0) return 'empty';
    if (this.#foreign) return 'foreign';
    if (this.#at < this.#end + CHECKSUM) return 'truncated';
    const checksum = new DataView(this.#tail.buffer).getUint32(0, true);
    if (checksum !== this.#hash >>> 0) return 'damaged';
    return this.#at > this.#end + CHECKSUM ? 'trailing' : 'good';
  }

  /** The device that the fixed fields describe: to be believed with a good verdict. */
  state(): DeviceState {
    const view = new DataView(this.#fixed.buffer);
    return {
      identity: view.getBigUint64(24, true),
      changes: view.getUint32(32, true),
      saves: view.getUint32(36, true),
      config: this.#fixed.slice(40, 40 + CONFIG_SIZE),
      fillerSize: this.#end - FIXED,
    };
  }
}
