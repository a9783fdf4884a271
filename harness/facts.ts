import { processFacts } from '../native/index.js';
import type { ProcessFacts } from './history.js';
import type { Instance } from './target.js';

/** The facts of a back-end's process now; undefined where there is none to look at, or it has ended. */
export function factsOf(instance: Instance): ProcessFacts | undefined {
  if (instance.pid === undefined) return undefined;
  const facts = processFacts(instance.pid);
  if (facts === undefined || facts.state === 'Z') return undefined;
  const { descriptors, threads, memory, cpuMs } = facts;
  return { descriptors: descriptors.length, threads, memory, cpuMs };
}

/**
 * What a back-end holds open, as identities (see `Descriptor.identity`); undefined where nobody can tell.
 * @param ours numbers of the descriptors that we hold: left out for a back-end that shares our process.
 */
export function holdings(instance: Instance, ours: ReadonlySet<number>): Set<string> | undefined {
  const pid = instance.pid ?? (instance.inProcess ? process.pid : undefined);
  if (pid === undefined) return undefined;
  const facts = processFacts(pid);
  if (facts === undefined || !facts.listed) return undefined;
  const skip = pid === process.pid ? ours : undefined;
  const held = new Set<string>();
  for (const { fd, identity } of facts.descriptors) if (!skip?.has(fd)) held.add(identity);
  return held;
}

/** The process is there and has not ended. */
export function lives(instance: Instance): boolean {
  if (instance.exit() !== undefined) return false;
  if (instance.pid === undefined) return instance.inProcess;
  const facts = processFacts(instance.pid, { descriptors: false });
  return facts !== undefined && facts.state !== 'Z' && facts.state !== 'X';
}

/** Processor time used so far in milliseconds; undefined where there is no process to look at. */
export function cpuOf(instance: Instance): number | undefined {
  return instance.pid === undefined ? undefined : processFacts(instance.pid, { descriptors: false })?.cpuMs;
}

/** The sockets that a back-end's process holds, as identities; undefined where nobody can tell. */
export function socketsOf(instance: Instance): Set<string> | undefined {
  if (instance.pid === undefined) return undefined;
  const facts = processFacts(instance.pid);
  if (facts === undefined || !facts.listed) return undefined;
  return new Set(facts.descriptors.filter((d) => d.target.startsWith('socket:')).map((d) => d.identity));
}
