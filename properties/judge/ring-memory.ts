/** What guest memory says of a ring, as far as only we wrote it. */
import type { Registers, RingRegisters, SharedRegion } from './registers.js';
import type { Thing, Things } from './things.js';

/** Of a split ring: where we said that requests are, and what is used; undefined where that is not known. */
interface Indices {
  readonly available: number | undefined;
  readonly used: number | undefined;
}

/** In the parts of a split ring the index stands behind 16 bits of flags. */
const INDEX_AT = 2n;

const MEMORY = /^(SET_MEM_TABLE|ADD_MEM_REG|REM_MEM_REG)\b/;

/** Only guest memory: nothing else is written into it. */
const isPlain = (thing: Thing): boolean =>
  thing.channelOf === undefined && !thing.orphan && thing.uses.every(({ role }) => MEMORY.test(role));

function fileAt(things: Things, { file }: SharedRegion): Thing | undefined {
  const thing = file === undefined ? undefined : things.get(file);
  return thing !== undefined && isPlain(thing) ? thing : undefined;
}

/** Two bytes of guest memory. */
function word(things: Things, registers: Registers, address: bigint): number | undefined {
  const region = registers.regions.find(({ from, to }) => address >= from && address + 2n <= to);
  const places = region === undefined ? undefined : fileAt(things, region)?.places;
  if (region === undefined || places === undefined) return undefined;
  const at = Number(region.offset + address - region.from);
  const byte = (where: number): number => {
    const piece = places.findLast((p) => where >= p.at && where < p.at + p.bytes.length);
    return piece === undefined ? 0 : piece.bytes[where - piece.at]!;
  };
  return byte(at) | (byte(at + 1) << 8);
}

export function indicesOf(things: Things, registers: Registers, { places }: RingRegisters): Indices {
  if (places === undefined || registers.packed) return { available: undefined, used: undefined };
  return {
    available: word(things, registers, places.available + INDEX_AT),
    used: word(things, registers, places.used + INDEX_AT),
  };
}

interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/** The parts of a split ring of this size, with what belongs to event indices. */
function spans({ places, size }: RingRegisters): readonly Span[] {
  if (places === undefined || size === undefined) return [];
  const n = BigInt(size);
  const span = (from: bigint, length: bigint): Span => ({ from, to: from + length });
  return [span(places.descriptor, 16n * n), span(places.available, 6n + 2n * n), span(places.used, 6n + 8n * n)];
}

/** No part of a ring lies over another one: what a device notes in one does not change another. */
function apart(registers: Registers): boolean {
  const all = registers.ring.flatMap(spans);
  return all.every((a, i) => all.every((b, j) => i === j || a.to <= b.from || b.to <= a.from));
}

/**
 * Nothing waits in this ring, and nothing is under way: whenever it runs, its index stays.
 * @param ring one of the `registers`
 */
export function isIdle(things: Things, registers: Registers, ring: RingRegisters): boolean {
  const { available, used } = indicesOf(things, registers, ring);
  return available === ring.index && used === ring.index && apart(registers);
}
