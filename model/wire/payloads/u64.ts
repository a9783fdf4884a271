import { layout, u64 } from '../layout.js';

/** A single 64-bit number. */
export const number64 = layout({ value: u64 });
