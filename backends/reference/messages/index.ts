/** What each message does, by number. */
import { Request } from '../../../model/wire/messages.js';
import { device } from './device.js';
import { type Handler, replyNumber } from './handler.js';
import { memory } from './memory.js';
import { negotiation } from './negotiation.js';
import { NOT_NOW } from './outcome.js';
import { rings } from './rings.js';
import { transfer } from './transfer.js';

/** A message of a feature that is not offered, but with a reply that can say no. */
const never: Handler = {
  descriptors: [0, Number.POSITIVE_INFINITY],
  run: () => NOT_NOW,
  refuse: () => replyNumber(1n),
};

/** Handlers of the messages that are served. */
export const handlers: ReadonlyMap<number, Handler> = new Map(
  Object.entries<Handler>({
    ...negotiation,
    ...rings,
    ...memory,
    ...device,
    ...transfer,
    [Request.IOTLB_MSG]: never,
    [Request.POSTCOPY_END]: never,
  }).map(([number, handler]) => [Number(number), handler]),
);

/** Any other number: nothing that is done, and refused where an answer is asked for. */
export const unknown: Handler = { descriptors: [0, Number.POSITIVE_INFINITY], run: () => NOT_NOW };
