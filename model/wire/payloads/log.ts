import { layout, u64 } from '../layout.js';

/** The dirty log: size of the area, and its offset in the descriptor that comes with it. */
export const log = layout({ size: u64, offset: u64 });
