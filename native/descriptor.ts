/** One open descriptor with an owner. */

import { addon } from './addon.js';
import { attempt, NativeError, withRole } from './error.js';
import { begin, end, type Lease, release } from './lease.js';

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

/** The length for one read. A read of nothing would look like the end of file. */
export function atMost(max: number): number {
  if (!(max >= 1)) throw new RangeError(`a read takes 1 byte or more, not ${max}`);
  return Math.min(max, MAX_READ);
}

/** By the access mode in the status flags. */
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
   * close-on-exec. Nobody else may close it from now on. Not for what `node:fs` opened in a worker thread: Node closes
   * such numbers when the thread ends.
   * @throws NativeError EBADF when it is not open
   */
  static adopt<T extends Descriptor>(this: new (fd: number, role: string) => T, fd: number, role: string): T {
    return new this(
      attempt(role, () => addon.adopt(fd)),
      role,
    );
  }

  /**
   * The same descriptor as another kind of wrapper, for example a received one as a `Socket`. `from` gives it up: it is
   * as if closed. Whether the kind is right shows at the first use.
   */
  static from<T extends Descriptor>(this: new (fd: number, role: string) => T, from: Descriptor, role = from.role): T {
    return new this(from.fd, role);
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
    if (!attempt(this.role, () => end(this.#lease))) {
      throw new NativeError('EBADF', 'close', this.role, 'its number was closed and reused behind its back');
    }
  }

  /** Gives up the number without closing it, for whoever takes it over: another thread's `adopt`, another library. */
  release(): number {
    const { fd } = this;
    release(this.#lease);
    return fd;
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
   * Reads up to `max` bytes (1 or more; MAX_READ is the most that comes), without ever blocking. On a socket, descriptors that come along are
   * discarded: use `Socket.receive`.
   * @returns the bytes, `'again'` when nothing is there now, `'end'` at the end of file
   * @throws NativeError, for example ECONNRESET
   */
  read(max: number): Uint8Array | 'again' | 'end' {
    let count: number;
    try {
      count = addon.read(this.fd, scratch, atMost(max));
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
