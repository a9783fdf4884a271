import type { Exit } from '../harness/target.js';
import { Socket } from '../native/index.js';
import type { PoolInstance } from './pool.js';

/** What serves one connection on our own event loop. */
export interface Service {
  stop(): void;
  readonly done: Promise<void>;
  /** It has to be stopped even when it is done. */
  readonly lasts: boolean;
}

/** Serve one connection. */
export type Serve = (socket: Socket) => Service;

/** A back-end without a process: it behaves like one that goes on listening, on our own event loop. */
export class InProcessInstance implements PoolInstance {
  readonly inProcess = true;
  readonly #serve: Serve;
  readonly #services = new Set<Service>();
  readonly #gone: Promise<Exit>;
  #tellGone!: (exit: Exit) => void;
  #exit: Exit | undefined;

  constructor(serve: Serve) {
    this.#serve = serve;
    this.#gone = new Promise((resolve) => {
      this.#tellGone = resolve;
    });
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** @throws when it was stopped, or crashed. */
  async connect(): Promise<Socket> {
    if (!this.alive) throw new Error('the back-end in this process has ended');
    const [ours, theirs] = Socket.pair(['connection to the back-end in this process', 'main socket']);
    const service = this.#serve(theirs);
    this.#services.add(service);
    // A fault that is thrown there is a crash, as it is in a process of its own.
    service.done
      .catch(() => this.#end({ code: 1, signal: null }))
      .finally(() => !service.lasts && this.#services.delete(service))
      .catch(() => {});
    return ours;
  }

  exit(): Exit | undefined {
    return this.#exit;
  }

  async ended(ms: number): Promise<Exit | undefined> {
    if (this.#exit) return this.#exit;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms);
    });
    const exit = await Promise.race([this.#gone, late]);
    clearTimeout(timer);
    return exit;
  }

  stderr(): string {
    return '';
  }

  /** There is nothing to kill; the connections are closed when this resolves. */
  async stop(): Promise<boolean> {
    const services = [...this.#services];
    this.#end({ code: 0, signal: null });
    await Promise.allSettled(services.map((service) => service.done));
    return false;
  }

  /** End as a process does that crashes: all connections break, and no more are taken. */
  crash(): void {
    this.#end({ code: null, signal: 'SIGABRT' });
  }

  async startFailure(): Promise<Error> {
    return new Error('the back-end in this process has ended');
  }

  #end(exit: Exit): void {
    if (this.#exit) return;
    this.#exit = exit;
    for (const service of this.#services) service.stop();
    this.#tellGone(exit);
  }
}
