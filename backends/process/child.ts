import { constants } from 'node:os';
import type { Exit } from '../../harness/target.js';
import { UserError } from '../../harness/user-error.js';
import {
  type Descriptor,
  NativeError,
  type ProcessWatch,
  readyNow,
  reap,
  type StartedProcess,
  startProcess,
  whenReady,
} from '../../native/index.js';
import { atExit } from '../cleanup.js';
import { END_SPIN_US, KILL_LIMIT_MS, STDERR_TAIL_BYTES, STDERR_TURN_BYTES } from '../limits.js';
import { Tail } from './tail.js';

/**
 * A process that we started: its end, its last words, and how to end it.
 *
 * It leads a process group of its own. So the interrupt key of the terminal, which signals the whole foreground group,
 * does not hit back-ends in the middle of a trace (that would look like a crash of theirs), and a back-end behind a
 * wrapper (`sh -c`, a build tool's `run`) is ended together with it. Should we be killed, the kernel kills it.
 */
export class Child {
  readonly pid: number;
  /** Resolves when it has ended and what it wrote to standard error is here. */
  readonly gone: Promise<Exit>;
  readonly #watch: ProcessWatch;
  readonly #stderr: Descriptor;
  readonly #tail = new Tail(STDERR_TAIL_BYTES);
  readonly #settle: () => void;
  #exit: Exit | undefined;
  #tell: (exit: Exit) => void = () => {};

  /**
   * Start a program, no shell in between.
   * @param environment as `environmentNow` gives it.
   * @throws UserError when there is no such program or it cannot be executed.
   */
  static start(argv: readonly string[], environment: readonly string[]): Child {
    if (argv[0] === undefined) throw new UserError('an empty command line cannot be started');
    try {
      return new Child(startProcess(argv, environment));
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      const why =
        error.code === 'ENOENT' ? 'no such program' : error.code === 'EACCES' ? 'not executable' : error.message;
      throw new UserError(`cannot start ${argv[0]}: ${why}`);
    }
  }

  private constructor({ watch, stderr }: StartedProcess) {
    this.#watch = watch;
    this.#stderr = stderr;
    this.pid = watch.pid;
    this.#settle = atExit(() => this.#signal('SIGKILL'));
    this.gone = new Promise((resolve) => {
      this.#tell = resolve;
    });
    // A process that nobody waits for must not keep ours alive; whoever waits holds a timer.
    whenReady(watch, 'readable', () => this.#noticeEnd());
    this.#listen();
  }

  /** Whether it runs. */
  get alive(): boolean {
    this.#noticeEnd();
    return this.#exit === undefined;
  }

  /** How it ended, or undefined while it lives, as far as the event loop has been told. */
  exit(): Exit | undefined {
    return this.#exit;
  }

  /** The last part of its standard error. */
  stderr(): string {
    this.#hear();
    return this.#tail.text();
  }

  /** Its end; undefined after `ms` milliseconds without it. */
  async ended(ms: number): Promise<Exit | undefined> {
    // One that is ending has a moment before the event loop is asked: going through that costs more than most ends take.
    if (this.#exit === undefined && ms > 0 && readyNow(this.#watch, 'readable', END_SPIN_US)) this.#noticeEnd();
    if (this.#exit) return this.#exit;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms);
    });
    const exit = await Promise.race([this.gone, late]);
    clearTimeout(timer);
    return exit;
  }

  /** SIGTERM, and SIGKILL when that brought nothing within `graceMs`. @returns true when SIGKILL was needed. Never throws. */
  async stop(graceMs: number): Promise<boolean> {
    this.#signal('SIGTERM');
    if (await this.ended(graceMs)) return false;
    this.#signal('SIGKILL');
    await this.ended(KILL_LIMIT_MS);
    return true;
  }

  /** Signal the group. Only while the leader is not reaped: until then its number belongs to no other process. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It ended between the check and the call.
    }
  }

  /** Where it has ended: end what its group still holds, take its last words, and let go of it. */
  #noticeEnd(): void {
    if (this.#exit !== undefined || !readyNow(this.#watch, 'readable')) return;
    // Before the leader is reaped: its number is still its own, and with it the group's.
    this.#signal('SIGKILL');
    this.#exit = exitOf(this.#watch);
    this.#hear();
    this.#settle();
    this.#watch.close();
    if (!this.#stderr.closed) this.#stderr.close();
    this.#tell(this.#exit);
  }

  /** Take what it says as it comes: a back-end must never wait for somebody to read its standard error. */
  #listen(): void {
    whenReady(this.#stderr, 'readable', () => {
      if (this.#hear() && this.#exit === undefined) this.#listen();
    });
  }

  /** Take what it said so far, up to a bound: it may speak faster than we hear. @returns false when nothing more can come */
  #hear(): boolean {
    try {
      for (let heard = 0; heard < STDERR_TURN_BYTES && !this.#stderr.closed; ) {
        const piece = this.#stderr.read(STDERR_TURN_BYTES);
        if (piece === 'again') return true;
        if (piece === 'end') return false;
        this.#tail.add(piece);
        if (piece.length < STDERR_TURN_BYTES) return true;
        heard += piece.length;
      }
      return !this.#stderr.closed;
    } catch {
      // A failed read loses text, nothing else.
      return false;
    }
  }
}

/** Reap it. */
function exitOf(watch: ProcessWatch): Exit {
  try {
    const how = reap(watch);
    if (how !== undefined && 'status' in how) return { code: how.status, signal: null };
    if (how !== undefined) return { code: null, signal: nameOf(how.signal) };
  } catch (error) {
    // Somebody else in this process waits for every child there is: then only the end itself is known.
    if (!(error instanceof NativeError)) throw error;
  }
  return { code: null, signal: null };
}

function nameOf(signal: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}
