/** Processes: facts, ends, signals, processors. */

import { addon } from './addon.js';
import { Descriptor } from './descriptor.js';
import { attempt } from './error.js';
import { waitFor } from './wait.js';

/** One descriptor of a process. */
export interface ProcessDescriptor {
  readonly fd: number;
  /** The link text of /proc/PID/fd. */
  readonly target: string;
  /** Equal to `Descriptor.identity()` of a descriptor of the same object. */
  readonly identity: string;
  /** Tells the ends of a pipe apart. */
  readonly access: 'read' | 'write' | 'both' | 'none';
}

/** The figures of a process at one moment. */
interface ProcessFigures {
  readonly threads: number;
  /** Resident memory in bytes. */
  readonly memory: number;
  /** Processor time of all its threads so far, in milliseconds, with fractions. */
  readonly cpuMs: number;
  /** One letter, as in proc_pid_stat(5): R, S, D, Z, T, … */
  readonly state: string;
  /** Clock ticks after boot; with the pid it names the process for good. */
  readonly startTime: bigint;
}

/** A process at one moment. */
export interface ProcessFacts extends ProcessFigures {
  readonly descriptors: ProcessDescriptor[];
  /** False when the descriptors were not asked for or we may not see them; the list is empty then. */
  readonly listed: boolean;
}

/** Which objects a process holds open at one moment. */
export interface ProcessHoldings extends ProcessFigures {
  /** How many descriptors it has. */
  readonly descriptors: number;
  /** Those of the identities that were asked for of which it has a descriptor. */
  readonly held: readonly string[];
  /** The identities of its sockets, where identities were asked for. */
  readonly sockets: readonly string[];
  /** False when we may not see its descriptors; then it seems to have none. */
  readonly listed: boolean;
}

/** Facts about a process, or undefined when there is none of that number. */
export function processFacts(pid: number, options: { descriptors?: boolean } = {}): ProcessFacts | undefined {
  return attempt(`process ${pid}`, () => addon.processFacts(pid, options.descriptors ?? true)) as
    | ProcessFacts
    | undefined;
}

/**
 * What another process holds of objects with these identities (see `Descriptor.identity`), or undefined when there is none
 * of that number. Much cheaper than `processFacts`.
 * @param identities when left out, its descriptors are counted and nothing else, which is cheaper still
 */
export function processHoldings(pid: number, identities?: readonly string[]): ProcessHoldings | undefined {
  const list = identities !== undefined;
  return attempt(`process ${pid}`, () => addon.holdings(pid, identities ?? [], list)) as ProcessHoldings | undefined;
}

/** A process, held by a descriptor, so that its number cannot come to mean another one. */
export class ProcessWatch extends Descriptor {
  constructor(
    fd: number,
    readonly pid: number,
  ) {
    super(fd, `process ${pid}`);
  }

  /** True when it has ended, false when it still runs after `timeoutMs` milliseconds. */
  ended(timeoutMs: number): Promise<boolean> {
    return waitFor(this, 'readable', timeoutMs);
  }
}

/** Watches a process. @throws NativeError ESRCH when there is none of that number */
export function watchExit(pid: number): ProcessWatch {
  return new ProcessWatch(
    attempt(`process ${pid}`, () => addon.pidfdOpen(pid)),
    pid,
  );
}

/** Sends a signal by number. @returns false when the process has ended */
export function sendSignal(watch: ProcessWatch, signal: number): boolean {
  return attempt(watch.role, () => addon.pidfdSignal(watch.fd, signal));
}

/** Binds all threads of this process, and the children it starts from now on, to one processor. */
export function pinTo(cpu: number): void {
  attempt(`processor ${cpu}`, () => addon.pinTo(cpu));
}

/**
 * Has processes that `startProcess` starts from now on run on these processors, wherever this process itself is bound to; on
 * none of its own when the list is empty. Starting is most of what some of them do, and it can go on beside us.
 */
export function startOn(cpus: readonly number[]): void {
  attempt('processors', () => addon.startOn(cpus));
}

/**
 * Binds a process that was started by `startOn`'s rule to where this thread may run: round trips are fast there. Waits from now
 * on are for such a peer.
 */
export function bringHere(pid: number): void {
  addon.bringHere(pid);
}

/** The processors that this process may run on. */
export function allowedCpus(): number[] {
  return attempt('this process', () => addon.allowedCpus());
}

/** The descriptors of this process, whoever opened them. */
export function openDescriptors(): { fd: number; target: string }[] {
  return attempt('this process', () => addon.openDescriptors());
}
