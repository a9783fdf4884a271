import { layout, tailPadding, u8, u64 } from '../layout.js';

/** One IOTLB update, invalidation, miss or failure. It is the kernel's struct, which ends on a multiple of 8 bytes. */
export const iotlb = layout({ iova: u64, size: u64, user: u64, permissions: u8, type: u8, tail: tailPadding(6) });
