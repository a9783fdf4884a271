/** SET_MEM_TABLE, the memory slots, the dirty log, the inflight area. */
import { Request } from '../../../model/wire/messages.js';
import { encodePayload } from '../../../model/wire/payload.js';
import { memfd } from '../../../native/index.js';
import { mappable } from '../memory.js';
import { MAX_RING_SIZE, MEMORY_SLOTS, Offered, QUEUES } from '../offer.js';
import type { Parts } from '../parts.js';
import { fieldsOf, type Handler, query, replyNumber, taking } from './handler.js';
import { CLOSE, DONE, type Outcome, REFUSED, reply, SILENCE } from './outcome.js';

/** Bytes of one ring's part of the inflight area: a head, and one entry for each descriptor, aligned. */
const inflightBytes = (ringSize: number): number => Math.ceil((16 + 16 * ringSize) / 64) * 64;

const noInflight = reply(encodePayload('inflight', {}));

/** Done; the request's payload comes back where a variant reads the source so. */
const regionDone = ({ variants }: Parts, payload: Uint8Array): Outcome =>
  variants['open.mem-reg-payload'] === 'echo' ? reply(payload) : DONE;

export const memory: Readonly<Record<number, Handler>> = {
  [Request.SET_MEM_TABLE]: {
    descriptors: [0, 8],
    run: taking('memory', ({ memory }, { regions }, { descriptors }) => {
      if (!memory.replace(regions, descriptors)) return REFUSED;
      descriptors.length = 0;
      return DONE;
    }),
  },

  [Request.GET_MAX_MEM_SLOTS]: query(
    () => replyNumber(BigInt(MEMORY_SLOTS)),
    Offered.CONFIGURE_MEM_SLOTS,
    replyNumber(0n),
  ),

  [Request.ADD_MEM_REG]: {
    feature: Offered.CONFIGURE_MEM_SLOTS,
    descriptors: [1, 1],
    run: taking('memory-region', (parts, region, { descriptors, payload }) => {
      if (!parts.memory.add(region, descriptors[0]!)) return REFUSED;
      descriptors.length = 0;
      return regionDone(parts, payload);
    }),
  },

  // A descriptor should not come with it; where one does it is closed and not used.
  [Request.REM_MEM_REG]: {
    feature: Offered.CONFIGURE_MEM_SLOTS,
    descriptors: [0, 1],
    run: taking('memory-region', (parts, region, { payload }) =>
      parts.memory.remove(region) ? regionDone(parts, payload) : REFUSED,
    ),
  },

  // Listed among the messages that get a reply where the log is shared, though its entry names no payload for it.
  [Request.SET_LOG_BASE]: {
    descriptors: [0, 1],
    run: ({ negotiation, variants, logArea }, request) => {
      const { descriptors, payload } = request;
      // Without shared log memory the number is an address of a time before it: nothing that could be used.
      if (!negotiation.protocol(Offered.LOG_SHMFD))
        return fieldsOf('u64', request) !== undefined && descriptors.length === 0 ? DONE : REFUSED;
      const area = fieldsOf('log', request);
      if (area === undefined || area.size === 0n || descriptors.length !== 1 || !mappable(descriptors[0]!))
        return REFUSED;
      logArea.hold(descriptors.shift()!);
      switch (variants['open.log-base-reply']) {
        case 'u64':
          return replyNumber(0n);
        case 'echo':
          return reply(payload);
        default:
          return reply(new Uint8Array(0));
      }
    },
    refuse: ({ negotiation, variants, faults }, { acknowledged }) => {
      if (!negotiation.protocol(Offered.LOG_SHMFD)) return acknowledged ? replyNumber(faults.failure) : SILENCE;
      // The other replies have no room for an error.
      return variants['open.log-base-reply'] === 'u64' ? replyNumber(1n) : CLOSE;
    },
  },

  [Request.SET_LOG_FD]: {
    descriptors: [1, 1],
    run: taking('none', ({ logSignal }, _fields, { descriptors }) => {
      logSignal.hold(descriptors.shift()!);
      return DONE;
    }),
  },

  [Request.GET_INFLIGHT_FD]: {
    feature: Offered.INFLIGHT_SHMFD,
    run: taking('inflight', (_parts, { queues, queueSize }) => {
      if (queues < 1 || queues > QUEUES || queueSize < 1 || queueSize > MAX_RING_SIZE) return REFUSED;
      const size = queues * inflightBytes(queueSize);
      const fields = { size: BigInt(size), offset: 0n, queues, queueSize };
      return reply(encodePayload('inflight', fields), [memfd('inflight area', size)]);
    }),
    refuse: () => noInflight,
  },

  [Request.SET_INFLIGHT_FD]: {
    feature: Offered.INFLIGHT_SHMFD,
    descriptors: [1, 1],
    run: taking('inflight', ({ inflight }, { queues, queueSize, size }, { descriptors }) => {
      if (queues < 1 || queues > QUEUES || size < BigInt(queues * inflightBytes(queueSize))) return REFUSED;
      if (!mappable(descriptors[0]!)) return REFUSED;
      inflight.hold(descriptors.shift()!);
      return DONE;
    }),
  },
};
