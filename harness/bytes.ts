import { parseHex } from '../model/wire/index.js';
import type { Position, WriteStep } from './trace/step.js';

/** The index that a position means in a string of `length` bytes, from 0 to `length`. */
export function indexOf(position: Position, length: number): number {
  const index =
    typeof position === 'string'
      ? Math.floor((length * Number.parseFloat(position)) / 100)
      : position < 0
        ? length + position
        : position;
  return Math.min(Math.max(Math.trunc(index), 0), length);
}

/** That many bytes which do not repeat within 64 KiB, the same every time. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >>> 8)) & 0xff;
  return bytes;
}

/**
 * The bytes of a `write` step: first `from` … `to` is cut out, then the byte at `flip` of what remains is inverted.
 * @returns undefined where the stored state is missing.
 */
export function bytesOf(step: WriteStep, states: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const source =
    step.state !== undefined
      ? states.get(step.state)
      : step.hex !== undefined
        ? parseHex(step.hex)
        : pattern(step.pattern ?? 0);
  if (source === undefined) return undefined;
  const from = indexOf(step.from ?? 0, source.length);
  const to = indexOf(step.to ?? source.length, source.length);
  const cut = source.subarray(from, Math.max(from, to));
  if (step.flip === undefined || cut.length === 0) return cut;
  const flipped = cut.slice();
  const at = Math.min(indexOf(step.flip, flipped.length), flipped.length - 1);
  flipped[at] = ~flipped[at]! & 0xff;
  return flipped;
}
