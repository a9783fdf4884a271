import { processFacts, processHoldings } from '../native/index.js';
import type { ProcessFacts } from './history.js';
import type { Instance } from './target.js';

/** What one look at a back-end's process shows. Looking costs as much as several round trips, so it is asked all at once. */
export interface Look {
  /** Absent for a back-end that shares our process. */
  readonly facts?: ProcessFacts;
  /** Objects that it holds open, of those that were asked for; undefined where we may not see them. */
  readonly holds: ReadonlySet<string> | undefined;
  /** All its sockets, where objects were asked for. */
  readonly sockets: ReadonlySet<string>;
}

/**
 * Look at a back-end's process; undefined where there is none to look at, or it has ended.
 * @param identities the objects that are asked for, see `Descriptor.identity`; when left out only the facts are.
 * @param ours numbers of the descriptors that we hold: left out of account for a back-end that shares our process.
 */
export function lookAt(
  instance: Instance,
  identities?: readonly string[],
  ours: ReadonlySet<number> = new Set(),
): Look | undefined {
  if (instance.pid === undefined || instance.pid === process.pid) {
    return instance.inProcess ? lookAtOurselves(ours) : undefined;
  }
  const found = processHoldings(instance.pid, identities);
  if (found === undefined || hasEnded(found.state)) return undefined;
  const { descriptors, threads, memory, cpuMs, held, sockets, listed } = found;
  return {
    holds: listed ? new Set(held) : undefined,
    sockets: new Set(sockets),
    facts: { descriptors, threads, memory, cpuMs },
  };
}

function lookAtOurselves(ours: ReadonlySet<number>): Look | undefined {
  const found = processFacts(process.pid);
  if (found === undefined) return undefined;
  const holds = new Set<string>();
  const sockets = new Set<string>();
  for (const { fd, identity, target } of found.descriptors) {
    if (ours.has(fd)) continue;
    holds.add(identity);
    if (target.startsWith('socket:')) sockets.add(identity);
  }
  return { holds: found.listed ? holds : undefined, sockets };
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
