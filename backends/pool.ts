import type { Instance, Target } from '../harness/target.js';
import { STOP_GRACE_MS } from './limits.js';

/** What a pool needs of an instance besides the harness's view of it. */
export interface PoolInstance extends Instance {
  readonly alive: boolean;
  /** The error that tells the user why it ended before anybody connected. */
  startFailure(): Promise<Error>;
}

export interface PoolOptions {
  readonly name: string;
  readonly version: string;
  readonly comparable: boolean;
  readonly spares: number;
  readonly reuse: boolean;
  /** Start one more. @throws UserError when that cannot be done. */
  start(): Promise<PoolInstance>;
  /** Whether an instance that was left serves another connection. Asked once, of the first that is handed back. */
  survives(instance: PoolInstance): Promise<boolean>;
  /** Called at the end of `dispose`. */
  disposed?(): void;
}

/** Back-ends, some of them started ahead, in the order in which they were started. */
export class Pool implements Target {
  readonly name: string;
  readonly version: string;
  readonly comparable: boolean;
  readonly #options: PoolOptions;
  readonly #all = new Set<PoolInstance>();
  readonly #starting = new Set<Promise<PoolInstance>>();
  readonly #spares: Promise<PoolInstance>[] = [];
  readonly #kept: PoolInstance[] = [];
  #survives: Promise<boolean> | undefined;
  #disposed: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.name = options.name;
    this.version = options.version;
    this.comparable = options.comparable;
  }

  /** @throws UserError when a back-end cannot be started, or a spare ended before anybody talked to it. */
  async take(): Promise<Instance> {
    if (this.#disposed) throw new Error(`${this.name} was disposed of`);
    for (let kept = this.#kept.shift(); kept; kept = this.#kept.shift()) {
      if (kept.alive) return kept;
      await this.#end(kept);
    }
    const next = this.#spares.shift() ?? this.#start();
    while (this.#spares.length < this.#options.spares) this.#spares.push(this.#start());
    const instance = await next;
    if (instance.alive) return instance;
    const failure = await instance.startFailure();
    await this.#end(instance);
    throw failure;
  }

  async release(instance: Instance, healthy: boolean): Promise<void> {
    const ours = instance as PoolInstance;
    if (!this.#all.has(ours)) return;
    if (this.#options.reuse && healthy && ours.alive && !this.#disposed) {
      // Learned once: a back-end that ends with its connection may take a moment for it, and must not be handed out meanwhile.
      this.#survives ??= this.#options.survives(ours);
      if ((await this.#survives) && ours.alive && !this.#disposed) {
        this.#kept.push(ours);
        return;
      }
    }
    await this.#end(ours);
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#all].map((instance) => this.#end(instance)));
    this.#options.disposed?.();
  }

  #start(): Promise<PoolInstance> {
    const started = this.#options.start();
    this.#starting.add(started);
    started
      .then((instance) => this.#all.add(instance))
      // A spare that could not be started is reported when it is taken.
      .catch(() => {})
      .finally(() => this.#starting.delete(started));
    return started;
  }

  async #end(instance: PoolInstance): Promise<void> {
    await instance.stop(STOP_GRACE_MS);
    this.#all.delete(instance);
  }
}
