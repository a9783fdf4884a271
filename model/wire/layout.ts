/**
 * A payload is described once, as named fields in their order; encoder, decoder, list of fields and TypeScript type all
 * come from that description. Numbers are in the machine's own byte order (vhost-user.rst, Message Specification).
 *
 * Encoding is generous, decoding is strict: a hostile trace must be able to say nine regions or a size that lies, and
 * the decoder must then refuse it. Only a number that its field cannot hold, and a name that is no field, are refused by
 * both.
 */
import { WireError } from './error.js';

/** Width of a number in bytes. */
export type Width = 1 | 2 | 4 | 8;

export interface Small {
  readonly type: 'uint';
  readonly width: 1 | 2 | 4;
}
export interface Big {
  readonly type: 'uint';
  readonly width: 8;
}
export interface Padding {
  readonly type: 'padding';
  readonly width: number;
  /** Padding that a C compiler adds behind the last field: written, but not missed when it is not there. */
  readonly tail: boolean;
}
export interface Count {
  readonly type: 'count';
  readonly width: 4;
  readonly of: string;
}
export interface List<E extends Layout = Layout> {
  readonly type: 'list';
  readonly element: E;
  /** Most elements that a decoder accepts; a sender may also fill up to this many slots. */
  readonly max: number;
}
export interface Bytes {
  readonly type: 'bytes';
  /** A fixed number of bytes, the name of the field that holds the number, or all that is left. */
  readonly length: number | string;
}

export type Part = Small | Big | Padding | Count | List | Bytes;
export type Shape = Readonly<Record<string, Part>>;

export const u8 = { type: 'uint', width: 1 } as const satisfies Small;
export const u16 = { type: 'uint', width: 2 } as const satisfies Small;
export const u32 = { type: 'uint', width: 4 } as const satisfies Small;
export const u64 = { type: 'uint', width: 8 } as const satisfies Big;
/** Bytes without a meaning: written as zero, not looked at when read. */
export const padding = (width: number): Padding => ({ type: 'padding', width, tail: false });
/** What a C compiler puts behind the last field of a struct that is sent whole. */
export const tailPadding = (width: number): Padding => ({ type: 'padding', width, tail: true });
/** A 32-bit number of elements of the list `of`: never given by hand. */
export const count = (of: string): Count => ({ type: 'count', width: 4, of });
/** Elements of one layout; their number stands in a `count` field before them. Always the last field. */
export const list = <E extends Layout>(element: E, max: number): List<E> => ({ type: 'list', element, max });
/** That many bytes. */
export const bytes = (length: number): Bytes => ({ type: 'bytes', length });
/** As many bytes as the field `field` says. Always the last field. */
export const bytesOf = (field: string): Bytes => ({ type: 'bytes', length: field });
/** Everything to the end. Always the last field. */
export const rest: Bytes = { type: 'bytes', length: '' };

type ValueOf<P> = P extends { type: 'uint'; width: 8 }
  ? bigint
  : P extends { type: 'uint' }
    ? number
    : P extends List<infer E>
      ? readonly FieldsOf<E>[]
      : Uint8Array;

/** The fields of a layout: 64-bit numbers are bigint, smaller ones number. */
export type FieldsOf<L> =
  L extends Layout<infer S>
    ? { -readonly [K in keyof S as S[K] extends Padding | Count ? never : K]: ValueOf<S[K]> }
    : never;

/** What an encoder takes for one field. */
export type FieldInput = number | bigint | Uint8Array | readonly FieldInputs[];
/** Fields by name; those left out are zero, lists empty. */
export type FieldInputs = { readonly [name: string]: FieldInput | undefined };

/** One field of a layout, as a generator or a printer needs it. */
export interface FieldInfo {
  readonly name: string;
  readonly type: 'uint' | 'bytes' | 'list' | 'count' | 'padding';
  /** Bytes from the start of the payload. */
  readonly offset: number;
  /** Bytes; 0 where it varies. */
  readonly width: number;
  /** Layout of the elements of a list. */
  readonly element?: Layout;
  /** Most elements of a list. */
  readonly max?: number;
}

/** A described payload. */
export interface Layout<S extends Shape = Shape> {
  readonly shape: S;
  /** All fields in their order, with padding and counts. */
  readonly fields: readonly FieldInfo[];
  /** Bytes of everything whose size is fixed, trailing padding of a C struct included. */
  readonly size: number;
}

/** The longest run of zero bytes that stands in for a byte field that was left out. A longer one has to be spelled out,
 * so that a size field of 4 GiB in a hostile trace costs no memory. */
const MAX_FILL = 4096;

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function widthOf(part: Part): number {
  if (part.type === 'list') return 0;
  if (part.type === 'bytes') return typeof part.length === 'number' ? part.length : 0;
  return part.width;
}

/** Make a layout from its fields in order. */
export function layout<const S extends Shape>(shape: S): Layout<S> {
  const fields: FieldInfo[] = [];
  let offset = 0;
  for (const [name, part] of Object.entries(shape)) {
    const width = widthOf(part);
    const extra = part.type === 'list' ? { element: part.element, max: part.max } : {};
    fields.push({ name, type: part.type, offset, width, ...extra });
    offset += width;
  }
  return { shape, fields, size: offset };
}

/** Names of the fields that a caller gives and gets, in order. */
export function fieldNames(of: Layout): readonly string[] {
  return of.fields.filter((f) => f.type !== 'padding' && f.type !== 'count').map((f) => f.name);
}

/** Anything with field names, whatever the values; lists hold the like. */
export type Named = { readonly [name: string]: unknown };

/** True when every name in `fields`, also inside lists, is one of the layout's. */
export function hasFields(of: Layout, fields: Named): boolean {
  const names = fieldNames(of);
  return Object.entries(fields).every(([name, value]) => {
    if (!names.includes(name)) return false;
    const part = of.shape[name]!;
    return part.type !== 'list' || !Array.isArray(value) || value.every((element) => hasFields(part.element, element));
  });
}

const describe = (value: unknown): string => (typeof value === 'bigint' ? `${value}` : String(JSON.stringify(value)));

function toUint(name: string, width: Width, value: FieldInput | undefined, offset: number): bigint {
  if (value === undefined) return 0n;
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value)))
    throw new WireError(`${name} takes a whole number, not ${describe(value)}`, offset);
  const n = BigInt(value);
  if (n < 0n || n >> BigInt(8 * width) !== 0n) throw new WireError(`${name}: ${n} does not fit ${width} bytes`, offset);
  return n;
}

function putUint(view: DataView, at: number, width: Width, value: bigint): void {
  if (width === 1) view.setUint8(at, Number(value));
  else if (width === 2) view.setUint16(at, Number(value), LITTLE);
  else if (width === 4) view.setUint32(at, Number(value), LITTLE);
  else view.setBigUint64(at, value, LITTLE);
}

function getUint(view: DataView, at: number, width: Width): number | bigint {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, LITTLE);
  if (width === 4) return view.getUint32(at, LITTLE);
  return view.getBigUint64(at, LITTLE);
}

function toBytes(name: string, part: Bytes, fields: FieldInputs, offset: number): Uint8Array {
  const value = fields[name];
  if (value === undefined) {
    const length = typeof part.length === 'number' ? part.length : Number(fields[part.length] ?? 0);
    return new Uint8Array(length <= MAX_FILL ? length : 0);
  }
  if (!(value instanceof Uint8Array)) throw new WireError(`${name} takes bytes, not ${describe(value)}`, offset);
  if (typeof part.length === 'number' && value.length !== part.length)
    throw new WireError(`${name} takes ${part.length} bytes, not ${value.length}`, offset);
  return value;
}

function listOf(name: string, value: FieldInput | undefined, offset: number): readonly FieldInputs[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new WireError(`${name} takes a list, not ${describe(value)}`, offset);
  return value as readonly FieldInputs[];
}

/** Encode fields by name. @throws WireError on a name that is no field, a number out of its field's range, a wrong type. */
export function encodeLayout(of: Layout, fields: FieldInputs): Uint8Array {
  const names = fieldNames(of);
  for (const name of Object.keys(fields))
    if (!names.includes(name))
      throw new WireError(`no field ${name}; there ${names.length === 0 ? 'are none' : `is ${names.join(', ')}`}`, 0);
  const fixed = new Uint8Array(of.size);
  const view = new DataView(fixed.buffer);
  const tails: Uint8Array[] = [];
  for (const { name, offset, width } of of.fields) {
    const part = of.shape[name]!;
    if (part.type === 'uint') putUint(view, offset, part.width, toUint(name, part.width, fields[name], offset));
    else if (part.type === 'count') putUint(view, offset, 4, BigInt(listOf(part.of, fields[part.of], offset).length));
    else if (part.type === 'bytes') {
      const value = toBytes(name, part, fields, offset);
      if (width > 0) fixed.set(value, offset);
      else tails.push(value);
    } else if (part.type === 'list')
      for (const element of listOf(name, fields[name], offset)) tails.push(encodeLayout(part.element, element));
  }
  return tails.length === 0 ? fixed : concat([fixed, ...tails]);
}

/** Join byte strings. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function decodeList(part: List, many: number, data: Uint8Array, offset: number): { value: unknown[]; end: number } {
  const { size } = part.element;
  if (many > part.max) throw new WireError(`${many} elements where at most ${part.max} are allowed`, offset);
  const end = offset + many * size;
  if (data.length < end)
    throw new WireError(`${many} elements need ${end} bytes, there are ${data.length}`, data.length);
  const value = Array.from({ length: many }, (_, i) =>
    decodeLayout(part.element, data.subarray(offset + i * size, offset + (i + 1) * size)),
  );
  // The source draws all slots; QEMU sends only those in use. Both are right.
  return { value, end: data.length === offset + part.max * size ? data.length : end };
}

/** Decode one payload. Padding is not looked at. @throws WireError where bytes are missing or left over. */
export function decodeLayout<S extends Shape>(of: Layout<S>, data: Uint8Array): FieldsOf<Layout<S>> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out: Record<string, unknown> = {};
  const counts: Record<string, number> = {};
  let end = 0;
  for (const { name, offset, width } of of.fields) {
    const part = of.shape[name]!;
    if (part.type === 'padding' && part.tail) {
      end = data.length >= offset + width ? offset + width : end;
      continue;
    }
    if (data.length < offset + width)
      throw new WireError(`${name} needs ${offset + width} bytes, there are ${data.length}`, data.length);
    end = offset + width;
    if (part.type === 'uint') out[name] = getUint(view, offset, part.width);
    else if (part.type === 'count') counts[part.of] = Number(getUint(view, offset, 4));
    else if (part.type === 'list') {
      const decoded = decodeList(part, counts[name] ?? 0, data, offset);
      out[name] = decoded.value;
      end = decoded.end;
    } else if (part.type === 'bytes') {
      if (part.length === '') end = data.length;
      else if (typeof part.length === 'string') end = offset + Number(out[part.length]);
      if (data.length < end) throw new WireError(`${name} ends at ${end}, there are ${data.length} bytes`, data.length);
      out[name] = data.slice(offset, end);
    }
  }
  if (data.length > end) throw new WireError(`${data.length - end} bytes too many`, end);
  return out as FieldsOf<Layout<S>>;
}
