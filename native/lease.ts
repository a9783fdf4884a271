/** Who holds which descriptor number, and what happens to one that is dropped without being closed. */

import { addon } from './addon.js';
import { cancel } from './readiness.js';

/** One descriptor number for as long as its wrapper owns it. */
export interface Lease {
  readonly fd: number;
  readonly role: string;
  /** False once it is closed, moved to another wrapper, or lost. */
  open: boolean;
}

/** A wrapper that was dropped without being closed. */
export interface Leak {
  readonly role: string;
  /** As in `Stat`. */
  readonly kind: string;
}

const leases = new Map<number, Lease>();
const listeners = new Set<(leak: Leak) => void>();

const dropped = new FinalizationRegistry<Lease>((lease) => {
  if (!lease.open) return;
  const leak = { role: lease.role, kind: kindOf(lease) };
  end(lease);
  if (listeners.size === 0) process.emitWarning(`a ${leak.kind} was dropped without being closed: ${leak.role}`);
  for (const listener of listeners) listener(leak);
});

function kindOf(lease: Lease): string {
  try {
    return addon.stat(lease.fd).kind;
  } catch {
    return 'other';
  }
}

function over(lease: Lease): void {
  lease.open = false;
  leases.delete(lease.fd);
  dropped.unregister(lease);
  cancel(lease.fd);
}

/**
 * Registers a wrapper as the owner of a number that the addon has adopted. A wrapper that held the number before has
 * lost it: somebody closed it behind our back, or it was moved here.
 */
export function begin(wrapper: object, fd: number, role: string): Lease {
  const older = leases.get(fd);
  if (older !== undefined) over(older);
  const lease = { fd, role, open: true };
  leases.set(fd, lease);
  dropped.register(wrapper, lease, lease);
  return lease;
}

/**
 * Closes the number. The lease is over in any case.
 * @returns false when the number named another file meanwhile, which was let be
 */
export function end(lease: Lease): boolean {
  over(lease);
  return addon.close(lease.fd);
}

/** Gives up the number without closing it. */
export function release(lease: Lease): void {
  over(lease);
  addon.release(lease.fd);
}

/** Wrappers that are not closed now: their roles and kinds, oldest first. */
export function unclosed(): Leak[] {
  return [...leases.values()].map((lease) => ({ role: lease.role, kind: kindOf(lease) }));
}

/**
 * Calls `listener` for each wrapper that was garbage-collected without being closed. Its descriptor is closed first.
 * Without any listener such a leak is a process warning.
 * @returns a function that takes the listener away again
 */
export function onLeak(listener: (leak: Leak) => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
