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

/** A process at one moment. */
export interface ProcessFacts {
  readonly descriptors: ProcessDescriptor[];
  /** False when the descriptors were not asked for or we may not see them; the list is empty then. */
  readonly listed: boolean;
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

/** Facts about a process, or undefined when there is none of that number. */
export function processFacts(pid: number, options: { descriptors?: boolean } = {}): ProcessFacts | undefined {
  return attempt(`process ${pid}`, () => addon.processFacts(pid, options.descriptors ?? true)) as
    | ProcessFacts
    | undefined;
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

/** The processors that this process may run on. */
export function allowedCpus(): number[] {
  return attempt('this process', () => addon.allowedCpus());
}

/** The descriptors of this process, whoever opened them. */
export function openDescriptors(): { fd: number; target: string }[] {
  return attempt('this process', () => addon.openDescriptors());
}
