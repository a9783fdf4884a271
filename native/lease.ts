/** Who holds which descriptor number, and what happens to one that is dropped without being closed. */

import { addon } from './addon.js';

/** One descriptor number for as long as its wrapper owns it. */
export interface Lease {
  readonly fd: number;
  readonly role: string;
  open: boolean;
}

/** A wrapper that was dropped without being closed. */
export interface Leak {
  readonly role: string;
  readonly kind: string;
}

const leases = new Set<Lease>();
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

/** Registers a wrapper as the owner of a number that the addon has adopted. */
export function begin(wrapper: object, fd: number, role: string): Lease {
  const lease = { fd, role, open: true };
  leases.add(lease);
  dropped.register(wrapper, lease, lease);
  return lease;
}

/** Closes the number; the lease is over even when that fails. */
export function end(lease: Lease): void {
  lease.open = false;
  leases.delete(lease);
  dropped.unregister(lease);
  addon.close(lease.fd);
}

/** Wrappers that are not closed now: their roles and kinds, oldest first. */
export function unclosed(): Leak[] {
  return [...leases].map((lease) => ({ role: lease.role, kind: kindOf(lease) }));
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
