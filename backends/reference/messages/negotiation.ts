/** GET/SET_FEATURES, GET/SET_PROTOCOL_FEATURES, SET_OWNER, RESET_OWNER, GET_QUEUE_NUM, SET_BACKEND_REQ_FD. */
import { Request } from '../../../model/wire/messages.js';
import { FEATURES, Offered, PROTOCOL_FEATURES, QUEUES } from '../offer.js';
import { type Handler, query, replyNumber, taking } from './handler.js';
import { DONE, REFUSED, SILENCE } from './outcome.js';

export const negotiation: Readonly<Record<number, Handler>> = {
  [Request.GET_FEATURES]: query(() => replyNumber(FEATURES)),

  [Request.SET_FEATURES]: {
    run: taking('u64', ({ negotiation, desk, rings }, { value }) => {
      if (!negotiation.offered(value)) return REFUSED;
      const change = negotiation.change(value);
      // Switching the log does nothing else (open.log-all apart); any other change begins the negotiation anew.
      if (change !== 'log-set' && !desk.interrupt(change === 'more' ? 'reset' : change)) return REFUSED;
      negotiation.setFeatures(value);
      if (negotiation.enablesAll) rings.enableAll();
      return DONE;
    }),
  },

  // Both are legal as soon as the bit is offered, also before SET_FEATURES and without it.
  [Request.GET_PROTOCOL_FEATURES]: query(({ negotiation, faults }) => {
    const late = faults.has('protocol-features-late') && !negotiation.featuresSet;
    return replyNumber(late ? 0n : PROTOCOL_FEATURES);
  }),

  [Request.SET_PROTOCOL_FEATURES]: {
    run: taking('u64', ({ negotiation }, { value }) => (negotiation.setProtocol(value) ? DONE : REFUSED)),
  },

  [Request.SET_OWNER]: {
    run: taking('none', ({ desk }) => (desk.interrupt('reset') ? DONE : REFUSED)),
  },

  // Deprecated; the source recommends to ignore it.
  [Request.RESET_OWNER]: { run: taking('none', () => DONE) },

  // Asked for once MQ is offered; no front-end waits for its negotiation.
  [Request.GET_QUEUE_NUM]: query(() => replyNumber(BigInt(QUEUES))),

  [Request.SET_BACKEND_REQ_FD]: {
    feature: Offered.BACKEND_REQ,
    descriptors: [1, 1],
    run: taking('none', ({ backendChannel, variants, negotiation }, _fields, { descriptors }) => {
      if (descriptors[0]!.stat().kind !== 'socket') return REFUSED;
      backendChannel.hold(descriptors.shift()!);
      const always = variants['open.backend-req-reply'] === 'always' && negotiation.protocol(Offered.REPLY_ACK);
      return always ? replyNumber(0n) : DONE;
    }),
    refuse: ({ variants, negotiation, faults }, { acknowledged }) => {
      const always = variants['open.backend-req-reply'] === 'always' && negotiation.protocol(Offered.REPLY_ACK);
      return acknowledged || always ? replyNumber(faults.failure) : SILENCE;
    },
  },
};
