import { Request } from '../../../model/wire/index.js';
import type { Track } from '../track.js';

/** Whether SET_DEVICE_STATE_FD may not be answered yet: then the back-end need not use the channel. */
export const replyOwed = (track: Track): boolean =>
  track.candidates.some(({ due }) => due.some((d) => d.number === Request.SET_DEVICE_STATE_FD));
