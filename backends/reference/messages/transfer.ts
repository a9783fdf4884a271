/** SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE. */
import { Request } from '../../../model/wire/messages.js';
import { type Descriptor, pipe } from '../../../native/index.js';
import { Offered } from '../offer.js';
import type { Parts } from '../parts.js';
import { type Handler, replyNumber, taking } from './handler.js';
import { BAD, NOT_NOW, type Reply } from './outcome.js';

const SAVE = 0;
const LOAD = 1;
/** The only phase that there is: guest stopped, device suspended. */
const STOPPED = 0;

/** Bit 8 of the reply: no descriptor comes with it. */
const NO_DESCRIPTOR = 0x100n;
/** Bits 0-7 of the reply. */
const ERROR = 1n;
/** Bits 9-63, which mean nothing. */
const HIGH_BITS = ~0x1ffn & 0xffff_ffff_ffff_ffffn;

function stateReply({ variants }: Parts, value: bigint, descriptors?: Descriptor[]): Reply {
  return replyNumber(value | (variants['open.high-bits'] === 'set' ? HIGH_BITS : 0n), descriptors);
}

/** Both ends of a channel of our own: what we use, and what the front-end gets. */
function ownChannel(direction: 'save' | 'load'): { ours: Descriptor; theirs: Descriptor } {
  const { r, w } = pipe('own channel');
  return direction === 'save' ? { ours: w, theirs: r } : { ours: r, theirs: w };
}

export const transfer: Readonly<Record<number, Handler>> = {
  [Request.SET_DEVICE_STATE_FD]: {
    feature: Offered.DEVICE_STATE,
    descriptors: [1, 1],
    run: taking('device-state', (parts, { direction, phase }, { descriptors }) => {
      const { desk, rings, negotiation, variants } = parts;
      if ((direction !== SAVE && direction !== LOAD) || phase !== STOPPED) return BAD;
      if (variants['open.enforce-suspended'] === 'refuse' && !rings.suspended) return NOT_NOW;
      const early = direction === LOAD && !negotiation.featuresSet;
      if (early && variants['open.load-before-features'] === 'refuse') return NOT_NOW;
      if (!desk.admit()) return NOT_NOW;
      const what = direction === SAVE ? 'save' : 'load';
      if (!parts.ownChannel) {
        desk.begin(what, descriptors.shift()!);
        return stateReply(parts, NO_DESCRIPTOR);
      }
      const { ours, theirs } = ownChannel(what);
      desk.begin(what, ours);
      return stateReply(parts, 0n, [theirs]);
    }),
    refuse: (parts) => {
      const noDescriptor = parts.variants['open.error-no-fd-bit'] === 'set' ? NO_DESCRIPTOR : 0n;
      return stateReply(parts, noDescriptor | ERROR);
    },
  },

  [Request.CHECK_DEVICE_STATE]: {
    feature: Offered.DEVICE_STATE,
    run: taking('none', ({ desk }) => {
      const value = desk.check();
      return typeof value === 'bigint' ? replyNumber(value) : { is: 'later', reply: value.then((v) => replyNumber(v)) };
    }),
    refuse: () => replyNumber(ERROR),
  },
};
