import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { NativeError, Socket } from '../../native/index.js';

/** Why there is no connection. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
  /** `gone`: the process has ended; `late`: nothing accepted within the time. */
  readonly reason: 'gone' | 'late';
  /** Name of the last error number, for example `ECONNREFUSED`. */
  readonly code: string;

  constructor(path: string, reason: 'gone' | 'late', code: string) {
    super(
      reason === 'gone' ? `the process behind ${path} has ended` : `nothing accepts connections at ${path} (${code})`,
    );
    this.reason = reason;
    this.code = code;
  }
}

/** Not there yet, not listening yet, or its queue is full: all of them may pass. */
const passing = new Set(['ENOENT', 'ECONNREFUSED', 'EAGAIN']);

// Turning without a pause between bind and listen was measured: it gains nothing, and on one processor it takes the time
// that the back-end needs to get there.
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * Connect to a socket that may not be there yet. A back-end serves one connection, so a trial connection would use it up:
 * the connection that is asked for is itself the test of readiness.
 *
 * @param limitMs how long to try.
 * @param process the process that is expected to listen, where it is ours: its end ends the trying.
 * @throws NoConnection; NativeError for what does not pass by waiting (no permission, not a socket).
 */
export async function connectWithin(
  path: string,
  role: string,
  limitMs: number,
  process?: { readonly alive: boolean; readonly gone: Promise<unknown> },
): Promise<Socket> {
  const start = performance.now();
  const bell = new Bell(path);
  try {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      // Looked at before the attempt: what ended before it cannot have listened after it.
      const ended = process ? !process.alive : false;
      const attempt = tryConnect(path, role);
      if (typeof attempt !== 'string') return attempt;
      if (ended) throw new NoConnection(path, 'gone', attempt);
      const left = limitMs - (performance.now() - start);
      if (left <= 0) throw new NoConnection(path, 'late', attempt);
      // A change in the directory is news (the socket itself, most often): patience begins anew.
      const news = await bell.rung(Math.min(pause, left), process?.gone);
      pause = news ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  } finally {
    bell.close();
  }
}

/** @returns a connection, or the error name when trying again may help. */
function tryConnect(path: string, role: string): Socket | string {
  try {
    return Socket.connect(path, role);
  } catch (error) {
    if (error instanceof NativeError && passing.has(error.code)) return error.code;
    throw error;
  }
}

/** Rings when something changes in the directory of the socket. Set up only when somebody waits: a spare listens already. */
class Bell {
  readonly #directory: string;
  #watcher: FSWatcher | undefined | null;
  #ring: (() => void) | undefined;

  constructor(path: string) {
    this.#directory = dirname(path);
  }

  /**
   * Wait for a change, the end of the process, or `ms`; the first time not at all, for what came before the watch.
   * @returns true for a change or an end.
   */
  async rung(ms: number, gone: Promise<unknown> | undefined): Promise<boolean> {
    if (this.#watcher === undefined) {
      this.#watcher = this.#start();
      return true;
    }
    let timer: NodeJS.Timeout | undefined;
    const news = await new Promise<boolean>((resolve) => {
      this.#ring = () => resolve(true);
      timer = setTimeout(() => resolve(false), Math.ceil(ms));
      gone?.then(() => resolve(true));
    });
    this.#ring = undefined;
    clearTimeout(timer);
    return news;
  }

  close(): void {
    this.#watcher?.close();
  }

  #start(): FSWatcher | null {
    try {
      const watcher = watch(this.#directory, { persistent: false }, () => this.#ring?.());
      watcher.on('error', () => {});
      return watcher;
    } catch {
      // No directory, or no inotify watch left: the timer alone does it, a little later.
      return null;
    }
  }
}
