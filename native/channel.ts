/** Objects that a device state can travel through, besides `Socket.pair`. */

import { addon } from './addon.js';
import { Descriptor } from './descriptor.js';
import { attempt } from './error.js';

/** Both ends of a pipe. */
export interface PipeEnds {
  readonly r: Descriptor;
  readonly w: Descriptor;
}

/**
 * Makes a pipe, in blocking mode where `nonblock` does not say otherwise.
 * @param options.capacity size of its buffer in bytes; the kernel rounds up to a power of two pages
 * @throws NativeError EMFILE; EPERM when the capacity is above the limit for users
 */
export function pipe(role: string, options: { capacity?: number; nonblock?: 'r' | 'w' | 'both' } = {}): PipeEnds {
  const [reading, writing] = attempt(role, () => addon.pipe());
  const r = new Descriptor(reading, `${role}.r`);
  const w = new Descriptor(writing, `${role}.w`);
  try {
    const { capacity, nonblock } = options;
    if (capacity !== undefined) attempt(role, () => addon.capacity(writing, capacity));
    if (nonblock === 'r' || nonblock === 'both') r.nonblock = true;
    if (nonblock === 'w' || nonblock === 'both') w.nonblock = true;
  } catch (error) {
    r.close();
    w.close();
    throw error;
  }
  return { r, w };
}

/** Size of a pipe's buffer in bytes. */
export function pipeCapacity(end: Descriptor): number {
  return attempt(end.role, () => addon.capacity(end.fd));
}

/** Makes a memory file of `size` zero bytes, which may be sealed. */
export function memfd(role: string, size = 0): Descriptor {
  return new Descriptor(
    attempt(role, () => addon.memfd('vhost-check', size)),
    role,
  );
}

/** Opens a file. `create` makes an empty one, readable and writable, in place of what is there. Never waits, not even for a FIFO. */
export function openFile(path: string, role: string, mode: 'r' | 'w' | 'rw' | 'create'): Descriptor {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_TRUNC } = addon.flags;
  const flags = { r: O_RDONLY, w: O_WRONLY, rw: O_RDWR, create: O_RDWR | O_CREAT | O_TRUNC }[mode];
  return new Descriptor(
    attempt(`${role} (${path})`, () => addon.openFile(path, flags, 0o600)),
    role,
  );
}

/** Opens a directory for reading. */
export function openDirectory(path: string, role: string): Descriptor {
  const flags = addon.flags.O_RDONLY | addon.flags.O_DIRECTORY;
  return new Descriptor(
    attempt(`${role} (${path})`, () => addon.openFile(path, flags, 0)),
    role,
  );
}
