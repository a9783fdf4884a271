import {
  concat,
  decodePayload,
  encodeFields,
  encodeHeader,
  FLAG_NEED_REPLY,
  messageOf,
  messages,
  parseHex,
  payloadKind,
  Request,
  type RequestName,
  resolveFields,
  VERSION,
  WireError,
} from '../model/wire/index.js';
import type { MessageStep } from './trace/step.js';

/** What GET_FEATURES and GET_PROTOCOL_FEATURES brought last on a connection. */
export interface Offered {
  readonly features: bigint;
  readonly protocol: bigint;
}

/** A message of a trace as it goes over the wire. */
export interface Encoded {
  readonly request: number;
  readonly bytes: Uint8Array;
  /** The payload where it is a single 64-bit number. */
  readonly value?: bigint;
  /** The size field says how long the payload is: what follows can be told apart from it. */
  readonly framed: boolean;
  /** Nothing about it is unusual: header and payload are those that the source gives it. */
  readonly plain: boolean;
}

/** The request number of a message by name or number; undefined for a name that the protocol does not have. */
export function requestNumber(message: string | number): number | undefined {
  if (typeof message === 'number') return message;
  return Object.hasOwn(messages, message) ? messages[message as RequestName].number : undefined;
}

/** Make the bytes of a message. @throws WireError, Value64Error where the step's fields do not fit the message. */
export function encodeStep(step: MessageStep, offered: Offered): Encoded {
  const request = requestNumber(step.message);
  if (request === undefined) throw new WireError(`there is no message ${step.message}`, 0);
  const word = request === Request.SET_PROTOCOL_FEATURES ? offered.protocol : offered.features;
  const payload = step.raw === undefined ? encodeWith(request, step, word) : parseHex(step.raw);
  const flags = step.flags ?? VERSION | (step.needReply ? FLAG_NEED_REPLY : 0);
  const size = step.size ?? payload.length;
  return {
    request,
    bytes: concat([encodeHeader({ request, flags, size }), payload]),
    ...(messageOf(request)?.request === 'u64' && payload.length === 8
      ? { value: decodePayload('u64', payload).value }
      : {}),
    framed: size === payload.length,
    plain: step.raw === undefined && step.flags === undefined && size === payload.length,
  };
}

function encodeWith(request: number, step: MessageStep, offered: bigint): Uint8Array {
  const fields = step.with ?? {};
  const kind = payloadKind(request, fields);
  return encodeFields(kind, resolveFields(kind, fields, offered));
}
