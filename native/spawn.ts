/** Processes of our own: starting them, and how they ended. */

import { addon } from './addon.js';
import { Descriptor } from './descriptor.js';
import { attempt } from './error.js';
import { ProcessWatch } from './process.js';

/** A process that was started. Both descriptors are the caller's. */
export interface StartedProcess {
  readonly watch: ProcessWatch;
  /** The reading end of its standard error, a pipe. */
  readonly stderr: Descriptor;
}

/** Our environment as a program gets it. Asking for it costs more than starting a program does. */
export function environmentNow(): string[] {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`);
}

/**
 * Starts a program, no shell in between. It leads a session and a process group of its own, its standard input and output
 * are the null device, and the kernel kills it should the calling thread end first (not where it changes its user).
 * @param argv the program, by path or to be found on our PATH, and its arguments
 * @param environment `NAME=value` each, see `environmentNow`
 * @throws NativeError ENOENT, EACCES, … of `execve`; EAGAIN of `clone`
 */
export function startProcess(argv: readonly string[], environment: readonly string[]): StartedProcess {
  const program = argv[0] ?? '';
  const [pidfd, stderr, pid] = attempt(program, () => addon.spawn(argv, environment));
  return { watch: new ProcessWatch(pidfd, pid), stderr: new Descriptor(stderr, `standard error of process ${pid}`) };
}

/**
 * Takes note of the end of a child of ours, whose number may mean another process from then on.
 * @returns its exit status, or the number of the signal that ended it; undefined while it runs
 * @throws NativeError ECHILD when it is not a child of ours, or was reaped before
 */
export function reap(watch: ProcessWatch): { readonly status: number } | { readonly signal: number } | undefined {
  const how = attempt(watch.role, () => addon.reap(watch.fd));
  if (how === undefined) return undefined;
  const [status, signal] = how;
  return status >= 0 ? { status } : { signal };
}
