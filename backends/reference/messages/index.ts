/** What each message does, by number. */
import { Request } from '../../../model/wire/messages.js';
import { device } from './device.js';
import { type Handler, replyNumber } from './handler.js';
import { memory } from './memory.js';
import { negotiation } from './negotiation.js';
import { DONE, REFUSED } from './outcome.js';
import { rings } from './rings.js';
import { transfer } from './transfer.js';

/** A message of a feature that is not offered, but with a reply that can say no. */
const never: Handler = {
  descriptors: [0, Number.POSITIVE_INFINITY],
  run: () => REFUSED,
  refuse: () => replyNumber(1n),
};

const RARP = 2;

/** Handlers of the messages that are served. */
export const handlers: ReadonlyMap<number, Handler> = new Map(
  Object.entries<Handler>({
    ...negotiation,
    ...rings,
    ...memory,
    ...device,
    ...transfer,
    // Not offered either; the feature can be had only by a fault.
    [Request.SEND_RARP]: { run: ({ negotiation }) => (negotiation.protocol(RARP) ? DONE : REFUSED) },
    [Request.IOTLB_MSG]: never,
    [Request.POSTCOPY_END]: never,
  }).map(([number, handler]) => [Number(number), handler]),
);

/** Any other number: nothing that is done, and refused where an answer is asked for. */
export const unknown: Handler = { descriptors: [0, Number.POSITIVE_INFINITY], run: () => REFUSED };
