import { type Descriptor, waitFor } from '../native/index.js';
import type { History } from './history.js';
import { Ledger } from './ledger.js';
import { limits } from './limits.js';
import { Monitors } from './monitors.js';
import { Recorder } from './recorder.js';
import type { Session } from './session.js';
import type { Target } from './target.js';
import type { Trace } from './trace/step.js';

/** How a trace is run. */
export interface RunOptions {
  /** How long a due answer, or progress on a channel, is waited for. */
  readonly deadlineMs: number;
  /** An existing folder for the regular files of a trace; nothing stays in it. */
  readonly workDir: string;
  /** Back-ends that come out of it healthy serve further traces. */
  readonly reuse?: boolean;
  /** After this long the remaining steps are skipped; `limits.traceMs` when left out. */
  readonly traceMs?: number;
  /**
   * Asked behind each step that waited in vain, with what is known so far: true breaks the trace off there. For those
   * who only want to know whether a certain thing shows: what comes behind it may wait in vain many times more.
   */
  readonly until?: (soFar: History, step: number) => boolean;
}

/** Everything that belongs to one run of one trace. */
export class Run {
  readonly recorder = new Recorder();
  readonly ledger = new Ledger();
  readonly monitors = new Monitors(this.ledger, this.recorder);
  readonly sessions = new Map<string, Session>();
  /** Byte strings that `read` steps stored. */
  readonly states = new Map<string, Uint8Array>();
  /** Time that `linger` steps took: it does not count against the trace's limit. */
  lingered = 0;

  constructor(
    readonly trace: Trace,
    readonly target: Target,
    readonly options: RunOptions,
  ) {}

  get deadlineMs(): number {
    return this.options.deadlineMs;
  }

  /** Whether a session's back-end runs on our own event loop. */
  get inProcess(): boolean {
    for (const session of this.sessions.values()) if (session.instance.inProcess) return true;
    return false;
  }

  /**
   * Wait until a descriptor is ready, answering back-end channels meanwhile: a back-end may wait for such an answer
   * before it does anything else. @returns false when it was not ready within `ms`.
   */
  readonly wait = async (d: Descriptor, what: 'readable' | 'writable', ms: number): Promise<boolean> => {
    let spin: number = this.inProcess ? 0 : limits.spinUs;
    if (!this.monitors.mustServe) return waitFor(d, what, ms, spin);
    const until = performance.now() + ms;
    for (let pause = 1; ; pause = Math.min(pause * 2, limits.servePauseMs), spin = 0) {
      const left = until - performance.now();
      if (await waitFor(d, what, Math.max(0, Math.min(pause, left)), spin)) return true;
      this.monitors.serve();
      if (d.closed || left <= pause) return d.closed;
    }
  };

  /** Let the event loop, and with it a back-end of this process, have a turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
