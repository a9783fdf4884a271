/** Shared memory. */

import { addon } from './addon.js';
import type { Descriptor } from './descriptor.js';
import { attempt } from './error.js';

/** A part of a file in memory, shared with whoever else maps or writes it. */
export interface MappedMemory {
  readonly buffer: ArrayBuffer;
  /** Ends the mapping; `buffer` is detached (length 0). The second time does nothing. */
  unmap(): void;
}

/**
 * Maps a part of a file for reading and writing. A memory file is sealed against shrinking, so that a peer cannot pull
 * the memory from under us.
 * @param length bytes
 * @param offset bytes, a multiple of the page size
 * @throws NativeError EINVAL when the file is shorter than that, or `offset` is no multiple
 */
export function mapMemory(d: Descriptor, length: number, offset = 0): MappedMemory {
  const { buffer, handle } = attempt(d.role, () => addon.map(d.fd, length, offset));
  let mapped = true;
  return {
    buffer,
    unmap() {
      if (mapped) addon.unmap(buffer, handle);
      mapped = false;
    },
  };
}
