/** Configuration space, status, RESET_DEVICE. */
import { Request } from '../../../model/wire/messages.js';
import { encodePayload } from '../../../model/wire/payload.js';
import { Offered } from '../offer.js';
import { type Handler, query, replyNumber, taking } from './handler.js';
import { DONE, doneIf, REFUSED, reply } from './outcome.js';

/** SET_CONFIG's `flags`: the driver wrote, or the front-end migrates and may write all of it. */
const MIGRATION = 1;
/** A virtio device status has eight bits. */
const MAX_STATUS = 0xffn;

export const device: Readonly<Record<number, Handler>> = {
  [Request.GET_CONFIG]: {
    feature: Offered.CONFIG,
    run: taking('config', ({ device }, { offset, size, flags }) => {
      const payload = device.readConfig(offset, size);
      return payload === undefined ? REFUSED : reply(encodePayload('config', { offset, size, flags, payload }));
    }),
    // A payload of no length says that it failed.
    refuse: () => reply(new Uint8Array(0)),
  },

  [Request.SET_CONFIG]: {
    feature: Offered.CONFIG,
    run: taking('config', ({ device }, { offset, flags, payload }) => {
      if (flags > MIGRATION) return REFUSED;
      return doneIf(device.writeConfig(offset, payload, flags === MIGRATION ? 'migration' : 'driver'));
    }),
  },

  [Request.GET_STATUS]: query(({ device }) => replyNumber(BigInt(device.status)), Offered.STATUS, replyNumber(0n)),

  // Front-ends send status 0 between stopping the guest and saving: it must not cost the device its state.
  [Request.SET_STATUS]: {
    feature: Offered.STATUS,
    run: taking('u64', ({ device, desk }, { value }) => {
      if (value > MAX_STATUS) return REFUSED;
      if (value === 0n && !desk.interrupt('reset')) return REFUSED;
      device.status = Number(value);
      return DONE;
    }),
  },

  [Request.RESET_DEVICE]: {
    feature: Offered.RESET_DEVICE,
    run: taking('none', ({ device, desk, rings }) => {
      if (!desk.interrupt('reset')) return REFUSED;
      desk.forgetAnswer();
      device.reset();
      rings.reset();
      return DONE;
    }),
  },
};
