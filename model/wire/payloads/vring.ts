import { layout, u32, u64 } from '../layout.js';

/** A ring's index and a number: size, base, on or off. */
export const vringState = layout({ index: u32, num: u32 });

/** Where a ring's three parts are (user addresses, or IOVAs with IOMMU_PLATFORM), and where its used part is logged. */
export const vringAddress = layout({ index: u32, flags: u32, descriptor: u64, used: u64, available: u64, log: u64 });

/** Bit of `vringAddress.flags`: writes to the used part are logged. */
export const VRING_F_LOG = 1;

/** A part of a descriptor to be mapped for a ring's host notifier; `value` holds index and flags. */
export const vringArea = layout({ value: u64, size: u64, offset: u64 });
