/** Waiting by readiness. */

import { addon } from './addon.js';
import type { Descriptor } from './descriptor.js';
import { withRole } from './error.js';
import { HANGUP, listen, READABLE, ready, WRITABLE } from './readiness.js';

/**
 * What to wait for. The end of file, errors and a peer that has gone make a descriptor ready for anything; `hangup` is
 * that alone, and so tells that the peer has closed without taking what is still to be read.
 */
export type Readiness = 'readable' | 'writable' | 'hangup';

const EVENTS = { readable: READABLE, writable: WRITABLE, hangup: HANGUP } as const;

/**
 * A good first look, in microseconds, where the peer is another process: a back-end that has nothing to wait for answers
 * a message in 10 to 50, and going through the event loop costs more than half of the round trips a second when the peer
 * runs on another processor (20,000 against 47,000; on the same one 64,000 against 82,000).
 */
export const PEER_SPIN_US = 100;

/** Whether it is ready now, or becomes so within `microseconds`, for which the thread is blocked. */
export function readyNow(d: Descriptor, what: Readiness, microseconds = 0): boolean {
  try {
    return addon.poll(d.fd, EVENTS[what], microseconds) !== 0;
  } catch (error) {
    throw withRole(error, d.role);
  }
}

/**
 * Waits until a descriptor is ready, on the event loop, which it keeps alive.
 * Several waits for one descriptor may be pending at once.
 * @param timeoutMs milliseconds; Infinity for no limit
 * @param spinUs microseconds to block the thread first, see `PEER_SPIN_US`; useless where the peer is on this thread
 * @returns true when ready, or closed meanwhile by us; false when the time is over
 */
export async function waitFor(d: Descriptor, what: Readiness, timeoutMs: number, spinUs = 0): Promise<boolean> {
  if (readyNow(d, what, spinUs)) return true;
  if (!(timeoutMs > 0)) return false;
  try {
    return await ready(d.fd, EVENTS[what], timeoutMs);
  } catch (error) {
    throw withRole(error, d.role);
  }
}

/**
 * Calls `listener` once, on the event loop, when a descriptor is ready; sooner when it is closed. Unlike a wait it does not
 * keep the event loop alive.
 */
export function whenReady(d: Descriptor, what: Readiness, listener: () => void): void {
  try {
    listen(d.fd, EVENTS[what], listener);
  } catch (error) {
    throw withRole(error, d.role);
  }
}
