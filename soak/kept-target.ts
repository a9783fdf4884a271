import type { Instance, Target } from '../harness/index.js';

/**
 * A target whose processes are never given up: every trace gets the same ones, whatever was sent to them before. A
 * campaign would start a new process where the last trace was hostile, and so never see what piles up over thousands.
 */
export class KeptTarget implements Target {
  readonly name: string;
  readonly version: string;
  readonly comparable: boolean;
  /** All that were started, in that order. */
  readonly #all: Kept[] = [];
  readonly #idle = new Set<Kept>();

  /** @param inner where the processes come from; it is disposed of with this one */
  constructor(private readonly inner: Target) {
    this.name = inner.name;
    this.version = inner.version;
    this.comparable = inner.comparable;
  }

  /** Process ids of those that live. */
  get living(): readonly number[] {
    return this.#all.flatMap(({ pid, inner }) => (inner.exit() === undefined && pid !== undefined ? [pid] : []));
  }

  /** How many have ended by themselves. */
  get ended(): number {
    return this.#all.filter(({ inner }) => inner.exit() !== undefined).length;
  }

  /** The one that was started first of those that are free. */
  async take(): Promise<Instance> {
    const free = this.#all.find((kept) => this.#idle.has(kept) && kept.inner.exit() === undefined);
    if (free !== undefined) {
      this.#idle.delete(free);
      return free;
    }
    const kept = new Kept(await this.inner.take());
    this.#all.push(kept);
    return kept;
  }

  async release(instance: Instance): Promise<void> {
    this.#idle.add(instance as Kept);
  }

  async dispose(): Promise<void> {
    await this.inner.dispose();
  }
}

/** A process that the harness cannot end. */
class Kept implements Instance {
  readonly inProcess = false;
  readonly pid?: number;

  constructor(readonly inner: Instance) {
    if (inner.pid !== undefined) this.pid = inner.pid;
  }

  connect(deadlineMs: number): ReturnType<Instance['connect']> {
    return this.inner.connect(deadlineMs);
  }
  exit(): ReturnType<Instance['exit']> {
    return this.inner.exit();
  }
  ended(ms: number): ReturnType<Instance['ended']> {
    return this.inner.ended(ms);
  }
  stderr(): string {
    return this.inner.stderr();
  }
  async stop(): Promise<boolean> {
    return false;
  }
}
