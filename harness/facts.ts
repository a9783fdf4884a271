import { processFacts } from '../native/index.js';
import type { ProcessFacts } from './history.js';
import type { Instance } from './target.js';

/** What one look at a back-end's process shows. Looking costs as much as several round trips, so it is asked all at once. */
export interface Look {
  /** Absent for a back-end that shares our process. */
  readonly facts?: ProcessFacts;
  /** Objects that it holds open (see `Descriptor.identity`); undefined where we may not see them. */
  readonly holds: ReadonlySet<string> | undefined;
  /** Those of them that are sockets. */
  readonly sockets: ReadonlySet<string>;
}

/**
 * Look at a back-end's process; undefined where there is none to look at, or it has ended.
 * @param ours numbers of the descriptors that we hold: left out of account for a back-end that shares our process.
 */
export function lookAt(instance: Instance, ours: ReadonlySet<number> = new Set()): Look | undefined {
  const pid = instance.pid ?? (instance.inProcess ? process.pid : undefined);
  const found = pid === undefined ? undefined : processFacts(pid);
  if (found === undefined || hasEnded(found.state)) return undefined;
  const shared = pid === process.pid;
  const holds = new Set<string>();
  const sockets = new Set<string>();
  for (const { fd, identity, target } of found.descriptors) {
    if (shared && ours.has(fd)) continue;
    holds.add(identity);
    if (target.startsWith('socket:')) sockets.add(identity);
  }
  const { descriptors, threads, memory, cpuMs } = found;
  return {
    holds: found.listed ? holds : undefined,
    sockets,
    ...(shared ? {} : { facts: { descriptors: descriptors.length, threads, memory, cpuMs } }),
  };
}

/** The process is there and has not ended. */
export function lives(instance: Instance): boolean {
  if (instance.exit() !== undefined) return false;
  if (instance.pid === undefined) return instance.inProcess;
  const found = processFacts(instance.pid, { descriptors: false });
  return found !== undefined && !hasEnded(found.state);
}

/** Processor time used so far in milliseconds; undefined where there is no process to look at. */
export function cpuOf(instance: Instance): number | undefined {
  return instance.pid === undefined ? undefined : processFacts(instance.pid, { descriptors: false })?.cpuMs;
}

/** Processor time used so far, where the process sleeps now; -2 where it runs, undefined where there is none. */
export function restOf(instance: Instance): number | undefined {
  const found = instance.pid === undefined ? undefined : processFacts(instance.pid, { descriptors: false });
  if (found === undefined || hasEnded(found.state)) return undefined;
  return found.state === 'S' ? found.cpuMs : -2;
}

const hasEnded = (state: string): boolean => state === 'Z' || state === 'X';
