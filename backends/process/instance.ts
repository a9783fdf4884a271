import type { Exit, Instance } from '../../harness/target.js';
import { bringHere, type Socket } from '../../native/index.js';
import { LAST_WORDS_MS, START_LIMIT_MS } from '../limits.js';
import { Child } from './child.js';
import { connectWithin, NoConnection } from './connecting.js';
import { endedAtStart, neverListened } from './failure.js';
import type { Place, Places } from './place.js';

/** A back-end that is a process of ours, listening (soon) on a socket in a private directory. */
export class ProcessInstance implements Instance {
  readonly inProcess = false;
  readonly pid: number;
  readonly #name: string;
  readonly #argv: readonly string[];
  readonly #child: Child;
  readonly #place: Place;
  #met = false;

  /**
   * @param name what errors call it.
   * @param commandLine makes the command line for a socket path.
   * @param environment as `environmentNow` gives it.
   * @throws UserError when it cannot be started.
   */
  static start(
    name: string,
    commandLine: (socket: string) => string[],
    places: Places,
    environment: readonly string[],
  ): ProcessInstance {
    const place = places.take();
    try {
      const argv = commandLine(place.socket);
      return new ProcessInstance(name, argv, Child.start(argv, environment), place);
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  private constructor(name: string, argv: readonly string[], child: Child, place: Place) {
    this.#name = name;
    this.#argv = argv;
    this.#child = child;
    this.#place = place;
    this.pid = child.pid;
  }

  /** Whether the process runs, as far as we have been told. */
  get alive(): boolean {
    return this.#child.alive;
  }

  /**
   * The first time it also waits for the start, ten seconds at least: the caller's deadline is for answers.
   * @throws UserError the first time, when it ended or never listened; NoConnection later.
   */
  async connect(deadlineMs: number): Promise<Socket> {
    const limit = this.#met ? deadlineMs : Math.max(deadlineMs, START_LIMIT_MS);
    try {
      const socket = await connectWithin(this.#place.socket, `connection to ${this.#name}`, limit, this.#child);
      if (!this.#met) bringHere(this.pid);
      this.#met = true;
      return socket;
    } catch (error) {
      if (this.#met || !(error instanceof NoConnection)) throw error;
      if (error.reason === 'gone') throw await this.startFailure();
      throw neverListened(this.#name, this.#argv, limit, this.#child.stderr());
    }
  }

  /** What to tell the user about a process that ended before anybody talked to it. */
  async startFailure(): Promise<Error> {
    const exit = await this.#child.ended(LAST_WORDS_MS);
    return endedAtStart(this.#name, this.#argv, exit, this.#child.stderr());
  }

  exit(): Exit | undefined {
    return this.#child.exit();
  }

  ended(ms: number): Promise<Exit | undefined> {
    return this.#child.ended(ms);
  }

  stderr(): string {
    return this.#child.stderr();
  }

  async stop(graceMs: number): Promise<boolean> {
    const killed = await this.#child.stop(graceMs);
    this.#place.leave();
    return killed;
  }
}
