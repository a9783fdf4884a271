/** Waiting by readiness. */

import { addon } from './addon.js';
import type { Descriptor } from './descriptor.js';
import { attempt, withRole } from './error.js';
import { READABLE, ready, WRITABLE } from './readiness.js';

const EVENTS = { readable: READABLE, writable: WRITABLE } as const;

/** Whether it is ready now, or becomes so within `microseconds`, for which the thread is blocked. Hang-up is ready. */
export function readyNow(d: Descriptor, what: 'readable' | 'writable', microseconds = 0): boolean {
  return attempt(d.role, () => addon.poll(d.fd, EVENTS[what], microseconds)) !== 0;
}

/**
 * Waits until a descriptor is ready, on the event loop.
 * @param timeoutMs milliseconds; Infinity for no limit
 * @param spinUs microseconds to block the thread first: worth it where the peer is another process and answers at once,
 *   useless where the peer is on this thread
 * @returns true when ready, hung up or closed meanwhile by us; false when the time is over
 */
export async function waitFor(
  d: Descriptor,
  what: 'readable' | 'writable',
  timeoutMs: number,
  spinUs = 0,
): Promise<boolean> {
  if (readyNow(d, what, spinUs)) return true;
  if (timeoutMs <= 0) return false;
  try {
    return await ready(d.fd, EVENTS[what], timeoutMs);
  } catch (error) {
    throw withRole(error, d.role);
  }
}
