/** One open descriptor with an owner. */

import { addon } from './addon.js';
import { attempt, NativeError, withRole } from './error.js';
import { begin, end, type Lease } from './lease.js';
import { cancel } from './readiness.js';

/** Facts about an open file. `ino` and `dev` together name the object; `size` is in bytes (0 for what has none). */
export interface Stat {
  readonly kind: 'fifo' | 'socket' | 'file' | 'memfd' | 'eventfd' | 'directory' | 'char' | 'other';
  readonly ino: bigint;
  readonly dev: bigint;
  readonly size: bigint;
}

/** The most that one read or receive returns, in bytes. */
export const MAX_READ = 256 * 1024;

/** One buffer for all reads of this thread; what was read is copied out, so nothing is zeroed and little is allocated. */
export const scratch = new Uint8Array(MAX_READ);

/** What `open file` systems call a fifth of a flag word: who may do what. */
const ACCESS = ['read', 'write', 'both', 'both'] as const;

/**
 * A descriptor number and its owner. It is close-on-exec. Any use after `close` throws a NativeError with code `EBADF`,
 * and so does closing twice; one that is dropped unclosed is closed and reported, see `onLeak`.
 */
export class Descriptor {
  /** What it is for, in the words of whoever made it: the name in errors and leak reports. */
  readonly role: string;
  readonly #lease: Lease;

  /** @internal Takes over a number that the addon owns already. Use the functions that make descriptors, or `adopt`. */
  constructor(fd: number, role: string) {
    this.role = role;
    this.#lease = begin(this, fd, role);
  }

  /**
   * Takes over a descriptor that this process got in another way (inherited, or from another library), and makes it
   * close-on-exec. Nobody else may close it from now on.
   * @throws NativeError EBADF when it is not open
   */
  static adopt(fd: number, role: string): Descriptor {
    return new Descriptor(
      attempt(role, () => addon.adopt(fd)),
      role,
    );
  }

  /** The number, for handing it to a child process. @throws NativeError EBADF when closed */
  get fd(): number {
    if (!this.#lease.open) throw new NativeError('EBADF', 'fd', this.role, 'used after it was closed');
    return this.#lease.fd;
  }

  get closed(): boolean {
    return !this.#lease.open;
  }

  /** Closes it. Pending waits resolve. @throws NativeError EBADF when closed already */
  close(): void {
    if (!this.#lease.open) throw new NativeError('EBADF', 'close', this.role, 'closed twice');
    cancel(this.#lease.fd);
    attempt(this.role, () => end(this.#lease));
  }

  /** A second descriptor of the same open file description. */
  dup(role: string): Descriptor {
    return new Descriptor(
      attempt(this.role, () => addon.dup(this.fd)),
      role,
    );
  }

  /** Whether both are of one open file description (a duplicate, or a copy that travelled through a socket). */
  same(other: Descriptor): boolean {
    return attempt(this.role, () => addon.same(this.fd, other.fd, 0));
  }

  stat(): Stat {
    return attempt(this.role, () => addon.stat(this.fd)) as Stat;
  }

  /**
   * A name of the object behind it, equal to the `identity` that `processFacts` gives for a descriptor of the same
   * object in any process. Both ends of a pipe are one object; the ends of a socket pair are two.
   */
  identity(): string {
    return attempt(this.role, () => addon.identity(this.fd));
  }

  /** O_NONBLOCK of the open file description, which all copies share. Our own reads and writes never block either way. */
  get nonblock(): boolean {
    return (attempt(this.role, () => addon.getFlags(this.fd)) & addon.flags.O_NONBLOCK) !== 0;
  }

  set nonblock(on: boolean) {
    attempt(this.role, () => addon.setNonblock(this.fd, on));
  }

  get access(): 'read' | 'write' | 'both' {
    return ACCESS[attempt(this.role, () => addon.getFlags(this.fd)) & addon.flags.O_ACCMODE]!;
  }

  /**
   * Reads up to `max` bytes (at most MAX_READ), without ever blocking. On a socket, descriptors that come along are
   * discarded: use `Socket.receive`.
   * @returns the bytes, `'again'` when nothing is there now, `'end'` at the end of file
   * @throws NativeError, for example ECONNRESET
   */
  read(max: number): Uint8Array | 'again' | 'end' {
    let count: number;
    try {
      count = addon.read(this.fd, scratch, max);
    } catch (error) {
      throw withRole(error, this.role);
    }
    return count > 0 ? scratch.slice(0, count) : count === 0 ? 'end' : 'again';
  }

  /**
   * Writes what fits, without ever blocking or raising SIGPIPE.
   * @returns the number of bytes taken; 0 when there is no room now
   * @throws NativeError, EPIPE when nobody can read it any more
   */
  write(bytes: Uint8Array): number {
    try {
      return addon.write(this.fd, bytes);
    } catch (error) {
      throw withRole(error, this.role);
    }
  }

  /** Bytes that a read could take now. */
  pending(): number {
    return attempt(this.role, () => addon.pending(this.fd));
  }

  /** Sets the file position, which all copies share, to the start. @throws NativeError ESPIPE on a pipe or socket */
  rewind(): void {
    attempt(this.role, () => addon.seek(this.fd, 0));
  }

  /** Sets the size of a file or memory file, in bytes. */
  resize(size: number): void {
    attempt(this.role, () => addon.resize(this.fd, size));
  }
}
