import { decodeLayout, encodeLayout, type FieldsOf, layout, u32 } from './layout.js';

const header = layout({ request: u32, flags: u32, size: u32 });

/** Request number, flags, and the payload's size in bytes. */
export type Header = FieldsOf<typeof header>;

/** Bytes before the payload. */
export const HEADER_SIZE = 12;
/** The protocol's version, in the two low bits of the flags. */
export const VERSION = 1;
/** The bits of the flags that hold the version. */
export const VERSION_MASK = 3;
/** Set on every reply. */
export const FLAG_REPLY = 4;
/** Asks for a reply where REPLY_ACK is negotiated. */
export const FLAG_NEED_REPLY = 8;

/** @throws WireError on a number of more than 32 bits. */
export function encodeHeader(fields: Header): Uint8Array {
  return encodeLayout(header, fields);
}

/** Decode the first 12 bytes; what follows is left alone. @throws WireError when there are fewer. */
export function decodeHeader(bytes: Uint8Array): Header {
  return decodeLayout(header, bytes.subarray(0, HEADER_SIZE));
}
