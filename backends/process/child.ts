import { type ChildProcess, spawn } from 'node:child_process';
import type { Exit } from '../../harness/target.js';
import { UserError } from '../../harness/user-error.js';
import { atExit } from '../cleanup.js';
import { KILL_LIMIT_MS, LAST_WORDS_MS, STDERR_TAIL_BYTES } from '../limits.js';
import { Tail } from './tail.js';

/**
 * A process that we started: its end, its last words, and how to end it.
 *
 * It leads a process group of its own. So the interrupt key of the terminal, which signals the whole foreground group,
 * does not hit back-ends in the middle of a trace (that would look like a crash of theirs), and a back-end behind a
 * wrapper (`sh -c`, a build tool's `run`) is ended together with it.
 */
export class Child {
  readonly pid: number;
  /** Resolves when it has ended and what it wrote to standard error is here. */
  readonly gone: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #tail = new Tail(STDERR_TAIL_BYTES);
  #exit: Exit | undefined;

  /**
   * Start a program, no shell in between.
   * @throws UserError when there is no such program or it cannot be executed.
   */
  static async start(argv: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Child> {
    const [program, ...rest] = argv;
    if (program === undefined) throw new UserError('an empty command line cannot be started');
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment ?? process.env,
    });
    if (child.pid === undefined) {
      const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
      const why =
        error.code === 'ENOENT' ? 'no such program' : error.code === 'EACCES' ? 'not executable' : error.message;
      throw new UserError(`cannot start ${program}: ${why}`);
    }
    return new Child(child, child.pid);
  }

  private constructor(child: ChildProcess, pid: number) {
    this.#process = child;
    this.pid = pid;
    const settle = atExit(() => this.#signal('SIGKILL'));
    child.stderr!.on('data', (piece: Buffer) => this.#tail.add(piece));
    // A failed read of the pipe loses text, nothing else.
    child.stderr!.on('error', () => {});
    child.on('error', () => {});
    this.gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#sweep();
        settle();
        const tell = () => {
          clearTimeout(timer);
          child.stderr!.destroy();
          this.#exit = { code, signal };
          resolve(this.#exit);
        };
        const timer = setTimeout(tell, LAST_WORDS_MS);
        child.once('close', tell);
      });
    });
    // A process that nobody waits for must not keep ours alive; whoever waits holds a timer.
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
  }

  /** Whether it runs, as far as this process has been told. */
  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** How it ended, or undefined while it lives. */
  exit(): Exit | undefined {
    return this.#exit;
  }

  /** The last part of its standard error. */
  stderr(): string {
    return this.#tail.text();
  }

  /** Its end; undefined after `ms` milliseconds without it. */
  async ended(ms: number): Promise<Exit | undefined> {
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
    if (!this.alive) return (await this.ended(KILL_LIMIT_MS)) === undefined;
    this.#signal('SIGKILL');
    await this.ended(KILL_LIMIT_MS);
    return true;
  }

  /** Signal the group. Only while the leader is not reaped: until then its number belongs to no other process. */
  #signal(signal: NodeJS.Signals): void {
    if (!this.alive) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It ended between the check and the call.
    }
  }

  /**
   * End what its group still holds, right when the leader is reaped: a number in use by a group is not given out again,
   * and an unused one not before all the others were.
   */
  #sweep(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Nothing left, the usual case.
    }
  }
}
