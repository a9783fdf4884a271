/** SET_VRING_NUM, ADDR, BASE, ENABLE, KICK, CALL, ERR and GET_VRING_BASE. */
import { Request } from '../../../model/wire/messages.js';
import { encodePayload, type PayloadFields } from '../../../model/wire/payload.js';
import { decodeVringFd } from '../../../model/wire/vring-fd.js';
import type { Descriptor } from '../../../native/index.js';
import type { Parts } from '../parts.js';
import type { RingDescriptor } from '../rings.js';
import { fieldsOf, type Handler, taking } from './handler.js';
import { CLOSE, DONE, doneIf, type Outcome, REFUSED, reply } from './outcome.js';

type State = PayloadFields['vring-state'];

const setting = (set: (parts: Parts, state: State) => boolean): Handler => ({
  run: taking('vring-state', (parts, state) => doneIf(parts.rings.has(state.index) && set(parts, state))),
});

/** What can become readable; a file is always readable and would never stop kicking. */
const kickable = (d: Descriptor): boolean => ['eventfd', 'fifo', 'socket', 'other'].includes(d.stat().kind);

const descriptorSetting = (which: RingDescriptor): Handler => ({
  descriptors: [0, 1],
  run: taking('u64', ({ rings }, { value }, { descriptors }) => {
    const { index, noFd } = decodeVringFd(value);
    if (!rings.has(index) || noFd !== (descriptors.length === 0)) return REFUSED;
    if (which === 'kick' && !noFd && !kickable(descriptors[0]!)) return REFUSED;
    rings.setDescriptor(index, which, descriptors.shift());
    return DONE;
  }),
});

const baseReply = (index: number, num: number): Outcome => reply(encodePayload('vring-state', { index, num }));

export const rings: Readonly<Record<number, Handler>> = {
  [Request.SET_VRING_NUM]: setting(({ rings }, { index, num }) => rings.setSize(index, num)),

  [Request.SET_VRING_ADDR]: {
    run: taking('vring-address', ({ rings }, { index, ...address }) => {
      if (!rings.has(index)) return REFUSED;
      rings.setAddress(index, address);
      return DONE;
    }),
  },

  [Request.SET_VRING_BASE]: setting(({ rings }, { index, num }) => {
    rings.setBase(index, num);
    return true;
  }),

  // Real front-ends send it before any feature is negotiated.
  [Request.SET_VRING_ENABLE]: setting(({ rings }, { index, num }) => {
    if (num > 1) return false;
    rings.enable(index, num === 1);
    return true;
  }),

  [Request.SET_VRING_KICK]: descriptorSetting('kick'),
  [Request.SET_VRING_CALL]: descriptorSetting('call'),
  [Request.SET_VRING_ERR]: descriptorSetting('err'),

  [Request.GET_VRING_BASE]: {
    run: taking('vring-state', ({ rings, variants, faults }, { index }) => {
      if (!rings.has(index)) return REFUSED;
      if (!rings.isSetUp(index) && variants['open.base-of-unset-ring'] === 'close') return CLOSE;
      const base = rings.stop(index);
      return baseReply(index, faults.has('base-forgotten') ? 0 : base);
    }),
    // The reply has no room for an error.
    refuse: ({ variants }, request) => {
      if (variants['open.base-error'] === 'close') return CLOSE;
      return baseReply(fieldsOf('vring-state', request)?.index ?? 0, 0);
    },
  },
};
