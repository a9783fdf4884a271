/** How one message is described to the session. */
import { decodePayload, encodePayload, type PayloadFields, type PayloadKind } from '../../../model/wire/payload.js';
import type { Descriptor } from '../../../native/index.js';
import type { Parts } from '../parts.js';
import { CLOSE, type Outcome, REFUSED, type Reply, reply } from './outcome.js';

/** A message as its handler sees it. */
export interface Request {
  readonly payload: Uint8Array;
  /** What came with it. Whoever keeps one takes it out of the list; the rest are closed afterwards. */
  readonly descriptors: Descriptor[];
  /** It asks for a reply, and may. */
  readonly acknowledged: boolean;
}

/** One message. */
export interface Handler {
  /** Number of the protocol feature that must have been negotiated. */
  readonly feature?: number;
  /** Fewest and most descriptors; `[0, 0]` when left out. */
  readonly descriptors?: readonly [number, number];
  /** Serve it. Called with a sound header, the feature negotiated and a right number of descriptors. */
  run(parts: Parts, request: Request): Outcome;
  /** The reply that says no, for a message with a reply of its own; left out: an acknowledgement, where asked for. */
  refuse?(parts: Parts, request: Request): Outcome;
}

/** A reply whose payload is one number. */
export const replyNumber = (value: bigint, descriptors?: Descriptor[]): Reply =>
  reply(encodePayload('u64', { value }), descriptors);

/** The fields of a request; undefined where the payload is not of that kind. */
export function fieldsOf<K extends PayloadKind>(kind: K, request: Request): PayloadFields[K] | undefined {
  try {
    return decodePayload(kind, request.payload);
  } catch {
    return undefined;
  }
}

/** A handler's `run` for a payload of one kind; any other payload is refused. */
export function taking<K extends PayloadKind>(
  kind: K,
  run: (parts: Parts, fields: PayloadFields[K], request: Request) => Outcome,
): Handler['run'] {
  return (parts, request) => {
    const fields = fieldsOf(kind, request);
    return fields === undefined ? REFUSED : run(parts, fields, request);
  };
}

/** A question that needs no payload: it is answered whatever else came with it. @param none the answer where it is
 * refused; left out: the connection is closed, as no value of the reply means an error. */
export const query = (answer: (parts: Parts) => Reply, feature?: number, none?: Reply): Handler => ({
  ...(feature === undefined ? {} : { feature }),
  descriptors: [0, Number.POSITIVE_INFINITY],
  run: answer,
  refuse: () => none ?? CLOSE,
});
