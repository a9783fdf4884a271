/** Event counters: kicks and calls. */

import { addon } from './addon.js';
import { Descriptor } from './descriptor.js';
import { attempt } from './error.js';

/** An event counter. */
export class EventFd extends Descriptor {
  override dup(role: string): EventFd {
    return EventFd.from(super.dup(role));
  }

  /**
   * Adds to the counter.
   * @returns false when it has no room for that (2^64 - 2 is the most it holds)
   * @throws NativeError EINVAL when `count` is negative or above that
   */
  signal(count = 1n): boolean {
    return attempt(this.role, () => addon.signal(this.fd, count));
  }

  /** The counter, which is zero afterwards; 0n when it was not signalled. */
  take(): bigint {
    return attempt(this.role, () => addon.take(this.fd));
  }
}

/** Makes an event counter of zero, non-blocking unless told otherwise. */
export function eventfd(role: string, options: { nonblock?: boolean } = {}): EventFd {
  return new EventFd(
    attempt(role, () => addon.eventfd(options.nonblock ?? true)),
    role,
  );
}
