import { count, layout, list, padding, u32, u64 } from '../layout.js';

/** Regions that one table can hold. */
export const MAX_REGIONS = 8;

/** A region of guest memory: guest address, size, address in the front-end, offset in the descriptor. */
export const region = layout({ guest: u64, size: u64, user: u64, offset: u64 });

/** The same where XEN_MMAP is negotiated. */
export const xenRegion = layout({ ...region.shape, xenFlags: u32, domid: u32 });

/** The payload of ADD_MEM_REG and REM_MEM_REG. */
export const singleRegion = layout({ padding: padding(8), ...region.shape });

/** The same where XEN_MMAP is negotiated. */
export const singleXenRegion = layout({ padding: padding(8), ...xenRegion.shape });

/** The payload of SET_MEM_TABLE, one descriptor a region. */
export const regions = layout({ num: count('regions'), padding: padding(4), regions: list(region, MAX_REGIONS) });

/** The same where XEN_MMAP is negotiated. */
export const xenRegions = layout({ num: count('regions'), padding: padding(4), regions: list(xenRegion, MAX_REGIONS) });
