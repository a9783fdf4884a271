import { layout, tailPadding, u16, u64 } from '../layout.js';

/** The shared buffer that tracks requests in flight. A C struct, which ends on a multiple of 8 bytes. */
export const inflight = layout({ size: u64, offset: u64, queues: u16, queueSize: u16, tail: tailPadding(4) });
