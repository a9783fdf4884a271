/** All kinds of payload, by name. */
import { decodeLayout, encodeLayout, type FieldInputs, type FieldsOf, type Layout, layout } from './layout.js';
import { config } from './payloads/config.js';
import { cryptoSession } from './payloads/crypto.js';
import { deviceState } from './payloads/device-state.js';
import { inflight } from './payloads/inflight.js';
import { iotlb } from './payloads/iotlb.js';
import { log } from './payloads/log.js';
import { regions, singleRegion, singleXenRegion, xenRegions } from './payloads/memory.js';
import { shared } from './payloads/shared.js';
import { number64 } from './payloads/u64.js';
import { vringAddress, vringArea, vringState } from './payloads/vring.js';

/** The layout of every kind of payload. */
export const layouts = {
  none: layout({}),
  u64: number64,
  'vring-state': vringState,
  'vring-address': vringAddress,
  memory: regions,
  'memory-xen': xenRegions,
  'memory-region': singleRegion,
  'memory-region-xen': singleXenRegion,
  log,
  iotlb,
  config,
  area: vringArea,
  inflight,
  shared,
  'device-state': deviceState,
  'crypto-session': cryptoSession,
} as const;

export type PayloadKind = keyof typeof layouts;

/** The fields of every kind of payload. */
export type PayloadFields = { [K in PayloadKind]: FieldsOf<(typeof layouts)[K]> };

/** Encode fields of a kind known at compile time; those left out are zero, lists empty. A config payload left out is as
 * many zero bytes as its size says. @throws WireError on a number that its field cannot hold. */
export function encodePayload<K extends PayloadKind>(kind: K, fields: Partial<PayloadFields[K]>): Uint8Array {
  return encodeLayout(layouts[kind], fields as FieldInputs);
}

/** The same for fields by name, checked as it runs. @throws WireError on a wrong name, type or number. */
export function encodeFields(kind: PayloadKind, fields: FieldInputs): Uint8Array {
  return encodeLayout(layouts[kind], fields);
}

/** Decode a whole payload. @throws WireError with offset and reason where bytes are missing, left over, or too many are
 * announced. */
export function decodePayload<K extends PayloadKind>(kind: K, bytes: Uint8Array): PayloadFields[K] {
  return decodeLayout(layouts[kind] as Layout, bytes) as PayloadFields[K];
}
