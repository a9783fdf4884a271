/** The faults that are switched on, and what they do beside leaving something out. */
import type { Descriptor } from '../../native/index.js';
import type { FaultName } from './faults.js';

/** What was lost, by all connections. A bug holds on to it for ever, the garbage collector must not find it. */
const lost = new Set<unknown>();

/** The deliberate bugs of one connection. */
export class Faults {
  readonly #names: ReadonlySet<FaultName>;
  readonly #die: () => void;
  readonly #lost: unknown[] = [];
  readonly #kept: Descriptor[] = [];
  #over = false;

  /** @param crash ends the process, or what stands in for it. */
  constructor(names: ReadonlySet<FaultName>, crash: () => void) {
    this.#names = names;
    this.#die = crash;
  }

  /** Whether a fault is on. */
  has(name: FaultName): boolean {
    return this.#names.has(name);
  }

  /** What the acknowledgement of a failed message says. */
  get failure(): bigint {
    return this.has('ack-always-zero') ? 0n : 1n;
  }

  /** Crash if the fault is on. */
  crash(name: FaultName): void {
    if (this.has(name)) this.#die();
  }

  /** Never let go of something, as a leak does. */
  lose(thing: unknown): void {
    this.#lost.push(thing);
    lost.add(thing);
  }

  /** Never let go of any of them. */
  loseAll(descriptors: Descriptor[]): void {
    for (const descriptor of descriptors.splice(0)) this.lose(descriptor);
  }

  /** Whether anything was lost. */
  get holds(): boolean {
    return this.#lost.length > 0;
  }

  /** Keep a descriptor open to the end of the connection. */
  keep(descriptor: Descriptor): void {
    this.#kept.push(descriptor);
  }

  /** The connection is over. */
  leave(): void {
    this.#over = true;
    for (const d of this.#kept.splice(0)) d.close();
  }

  /** Repair what leaked, where the process lives on. */
  repair(): void {
    this.leave();
    for (const thing of this.#lost.splice(0)) {
      lost.delete(thing);
      if (isClosable(thing)) thing.close();
    }
  }

  /** A thread that never ends. */
  async startThread(): Promise<void> {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    worker.unref();
    this.lose({ close: () => void worker.terminate() });
  }

  /** Keep the processor busy until the connection is over. */
  spin(): void {
    if (!this.#over) setImmediate(() => this.spin());
  }
}

interface Closable {
  readonly closed?: boolean;
  close(): void;
}

const isClosable = (thing: unknown): thing is Closable =>
  typeof thing === 'object' && thing !== null && 'close' in thing && (thing as Closable).closed !== true;
