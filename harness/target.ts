import type { Socket } from '../native/index.js';

/** How a back-end process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One running back-end, listening. */
export interface Instance {
  /** Absent for a back-end in this process, or one that somebody else started. */
  readonly pid?: number;
  /** The back-end runs on our own event loop: never wait for it without yielding. */
  readonly inProcess: boolean;
  /** Connect to it. @throws when it refuses, has gone, or does not listen within the deadline. */
  connect(deadlineMs: number): Promise<Socket>;
  /** How it ended, or undefined while it lives. */
  exit(): Exit | undefined;
  /** Resolves when it has ended; undefined after `ms` milliseconds. */
  ended(ms: number): Promise<Exit | undefined>;
  /** The last part (8 KiB at most) of what it wrote to standard error. */
  stderr(): string;
  /** End it: SIGTERM, then SIGKILL after `graceMs`. Resolves when it is gone; true if SIGKILL was needed. Never throws. */
  stop(graceMs: number): Promise<boolean>;
}

/** Where running back-ends come from. */
export interface Target {
  /** What a report calls it, for example `virtiofsd@sid`. */
  readonly name: string;
  /** Version as the program or package says it; empty when unknown. */
  readonly version: string;
  /** Whether states of two processes that hold the same state are equal byte for byte. */
  readonly comparable: boolean;
  /** A back-end that nobody has talked to yet (a spare started ahead, where there is one). */
  take(): Promise<Instance>;
  /** Hand it back. It is kept for the next trace only with `reuse` and `healthy`, else ended. */
  release(instance: Instance, healthy: boolean): Promise<void>;
  /** End everything that was started. */
  dispose(): Promise<void>;
}
