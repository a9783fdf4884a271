/** Unix stream sockets that carry descriptors. */

import { addon } from './addon.js';
import { atMost, Descriptor, scratch } from './descriptor.js';
import { attempt, withRole } from './error.js';

/** The most descriptors that one message carries (the kernel's SCM_MAX_FD). */
export const MAX_DESCRIPTORS = 253;

/** What one receive brought. */
export interface Received {
  readonly bytes: Uint8Array;
  /** In the order in which they were sent; the receiver owns them, with truncated messages too. */
  readonly descriptors: Descriptor[];
  /** More descriptors came than could be taken (no numbers left in this process); those have been closed. */
  readonly truncated: boolean;
  /** The peer sends no more. */
  readonly end: boolean;
}

const HOW = { read: 0, write: 1, both: 2 } as const;

/** Count, truncation flag and numbers of what the last receive brought. */
const arrived = new Int32Array(2 + MAX_DESCRIPTORS);

/** A connected stream socket. */
export class Socket extends Descriptor {
  /** Connects. @throws NativeError ENOENT, ECONNREFUSED, EAGAIN (the backlog is full), … with the path as role */
  static connect(path: string, role: string): Socket {
    return new Socket(
      attempt(`${role} (${path})`, () => addon.connect(path)),
      role,
    );
  }

  /** Two connected sockets, in blocking mode. */
  static pair(roles: readonly [string, string]): [Socket, Socket] {
    const [a, b] = attempt(roles.join(' and '), () => addon.socketpair());
    return [new Socket(a, roles[0]), new Socket(b, roles[1])];
  }

  override dup(role: string): Socket {
    return Socket.from(super.dup(role));
  }

  /**
   * Sends with one sendmsg. If anything is taken, all descriptors have gone with it; who wants to cut a message into
   * fragments calls several times. The caller keeps its own descriptors.
   * @param descriptors 0 to 253; more than none need at least one byte
   * @returns bytes taken; 0 when it would block (and then no descriptor has gone)
   * @throws NativeError EPIPE, ECONNRESET; EINVAL for too many descriptors or descriptors without a byte;
   *   ETOOMANYREFS when too many are in flight
   */
  send(bytes: Uint8Array, descriptors?: readonly Descriptor[]): number {
    try {
      if (descriptors === undefined || descriptors.length === 0) return addon.send(this.fd, bytes);
      return addon.send(
        this.fd,
        bytes,
        descriptors.map((descriptor) => descriptor.fd),
      );
    } catch (error) {
      throw withRole(error, this.role);
    }
  }

  /**
   * Receives with one recvmsg: up to `max` bytes (1 or more; MAX_READ is the most that comes) and 253 descriptors, which are close-on-exec.
   * @returns undefined when nothing is there now
   * @throws NativeError ECONNRESET
   */
  receive(max: number): Received | undefined {
    let count: number;
    try {
      count = addon.receive(this.fd, scratch, atMost(max), arrived);
    } catch (error) {
      throw withRole(error, this.role);
    }
    if (count < 0) return undefined;
    const descriptors: Descriptor[] = [];
    for (let i = 0; i < arrived[0]!; i++) {
      descriptors.push(new Descriptor(arrived[2 + i]!, `received from ${this.role}`));
    }
    return { bytes: scratch.slice(0, count), descriptors, truncated: arrived[1] !== 0, end: count === 0 };
  }

  /** Ends one direction or both. @throws NativeError ENOTCONN */
  shutdown(how: 'read' | 'write' | 'both'): void {
    attempt(this.role, () => addon.shutdown(this.fd, HOW[how]));
  }

  /** Whether the peer has not taken yet all that was sent. */
  get unread(): boolean {
    return attempt(this.role, () => addon.unread(this.fd)) > 0;
  }

  /** Who connected, or for a connecting socket who listened, at that time. */
  peer(): { pid: number; uid: number; gid: number } {
    return attempt(this.role, () => addon.peer(this.fd));
  }

  /** Size of the send and receive buffers in bytes. The kernel doubles it and has a least value of its own. */
  setBuffer(bytes: number): void {
    attempt(this.role, () => addon.setBuffer(this.fd, bytes));
  }
}

/** A listening socket. The file stays when it is closed; the caller removes it. */
export class Listener extends Descriptor {
  /** @throws NativeError EADDRINUSE, ENOENT, … with the path as role. Any length of path is good. */
  static listen(path: string, role: string, backlog = 16): Listener {
    return new Listener(
      attempt(`${role} (${path})`, () => addon.listen(path, backlog)),
      role,
    );
  }

  override dup(role: string): Listener {
    return Listener.from(super.dup(role));
  }

  /** The next connection, or undefined when nobody waits. From the first call on the listener is non-blocking. */
  accept(role: string): Socket | undefined {
    const fd = attempt(this.role, () => addon.accept(this.fd));
    return fd < 0 ? undefined : new Socket(fd, role);
  }
}
