import { layout, u32 } from '../layout.js';

/** What SET_DEVICE_STATE_FD asks for. */
export const deviceState = layout({ direction: u32, phase: u32 });

/** Values of `direction`: from the back-end, to the back-end. */
export const Direction = { SAVE: 0, LOAD: 1 } as const;

/** Values of `phase`: the only one that is defined. */
export const Phase = { STOPPED: 0 } as const;
