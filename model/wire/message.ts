/** Whole messages. */
import { backendMessageOf } from './backend-messages.js';
import { WireError } from './error.js';
import { encodeHeader, FLAG_REPLY, VERSION } from './header.js';
import { concat, type FieldInputs, fieldNames, hasFields, type Named } from './layout.js';
import type { MessageSpec } from './message-spec.js';
import { messageOf } from './messages.js';
import { encodeFields, layouts, type PayloadKind } from './payload.js';

/** Who begins an exchange: the front-end on the main socket, or the back-end on its own channel. */
export type Initiator = 'front-end' | 'back-end';

/** A message to be encoded. */
export interface MessageInput {
  readonly request: number;
  /** Version 1 and nothing else when left out; with FLAG_REPLY the fields are those of the reply. */
  readonly flags?: number;
  readonly fields?: FieldInputs;
  /** `front-end` when left out. */
  readonly initiator?: Initiator;
}

/** The payload of a request, or of its reply, that has all these fields: the usual one where several do. Only names are
 * looked at. @throws WireError when none has them. */
export function payloadKind(
  request: number,
  fields: Named,
  { reply = false, initiator = 'front-end' }: { readonly reply?: boolean; readonly initiator?: Initiator } = {},
): PayloadKind {
  const spec: MessageSpec | undefined = initiator === 'front-end' ? messageOf(request) : backendMessageOf(request);
  const usual = (reply ? spec?.reply : spec?.request) ?? 'none';
  const others = (reply ? spec?.otherReplies : spec?.otherRequests) ?? [];
  // Any request can be acknowledged with a number where REPLY_ACK is negotiated.
  const kinds: PayloadKind[] = [usual, ...others, ...(reply ? (['u64'] as const) : [])];
  const kind = kinds.find((k) => hasFields(layouts[k], fields));
  if (kind !== undefined) return kind;
  const known = kinds.map((k) => fieldNames(layouts[k]).join(', ') || 'none').join('; or: ');
  const given = Object.keys(fields).join(', ');
  throw new WireError(`${spec?.name ?? `request ${request}`} has no such fields as ${given}; it has: ${known}`, 0);
}

/** Header and payload of one message; the size field is the payload's length. @throws WireError on fields that the
 * message does not have, or that cannot hold their numbers. */
export function encodeMessage({ request, flags = VERSION, fields = {}, initiator }: MessageInput): Uint8Array {
  const kind = payloadKind(request, fields, {
    reply: (flags & FLAG_REPLY) !== 0,
    ...(initiator === undefined ? {} : { initiator }),
  });
  const payload = encodeFields(kind, fields);
  return concat([encodeHeader({ request, flags, size: payload.length }), payload]);
}
