import { bytesOf, layout, u32 } from '../layout.js';

/** A piece of the device's configuration space: `size` bytes at `offset`. */
export const config = layout({ offset: u32, size: u32, flags: u32, payload: bytesOf('size') });

/** Values of `flags`. */
export const ConfigFlag = { WRITABLE: 0, MIGRATION: 1 } as const;

/** True when the payload of a GET_CONFIG reply says that it failed: the source says "zero length of payload", which
 * back-ends take to mean the whole message or what follows the three numbers. */
export const isConfigError = (payload: Uint8Array): boolean => payload.length === 0 || payload.length === config.size;
