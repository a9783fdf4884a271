import { type Stats, statSync } from 'node:fs';
import type { Instance, Target } from '../harness/target.js';
import { UserError } from '../harness/user-error.js';
import { NativeError, type Socket } from '../native/index.js';
import { connectWithin, NoConnection } from './process/connecting.js';
import { checkSocketPath } from './process/place.js';

/**
 * A back-end that somebody else started: nothing is known of its process, and nothing is ended.
 * @throws UserError when the path is no socket.
 */
export async function openConnection(path: string): Promise<Target> {
  checkSocketPath(path, 'use a shorter path, or a relative one');
  let facts: Stats | undefined;
  try {
    facts = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserError(`cannot look at ${path}: ${(error as Error).message}`);
  }
  if (!facts) throw new UserError(`there is no socket ${path}`);
  if (!facts.isSocket()) throw new UserError(`${path} is not a socket`);
  return new ConnectTarget(path);
}

class ConnectTarget implements Target {
  readonly name: string;
  readonly version = '';
  readonly comparable = false;
  readonly #path: string;
  #met = false;

  constructor(path: string) {
    this.#path = path;
    this.name = `socket ${path}`;
  }

  async take(): Promise<Instance> {
    return new ForeignInstance((deadlineMs) => this.#connect(deadlineMs));
  }

  async release(): Promise<void> {}

  async dispose(): Promise<void> {}

  /** Nobody behind the socket before the first trace is the user's mistake; later it is something that the back-end did. */
  async #connect(deadlineMs: number): Promise<Socket> {
    try {
      const socket = await connectWithin(this.#path, `connection to ${this.#path}`, deadlineMs);
      this.#met = true;
      return socket;
    } catch (error) {
      if (this.#met || !(error instanceof NoConnection || error instanceof NativeError)) throw error;
      throw new UserError(`nobody accepts connections at ${this.#path} (${error.code})`);
    }
  }
}

class ForeignInstance implements Instance {
  readonly inProcess = false;
  readonly connect: (deadlineMs: number) => Promise<Socket>;

  constructor(connect: (deadlineMs: number) => Promise<Socket>) {
    this.connect = connect;
  }

  exit(): undefined {
    return undefined;
  }

  /** Its end cannot be seen from here, so there is nothing to wait for. */
  async ended(): Promise<undefined> {
    return undefined;
  }

  stderr(): string {
    return '';
  }

  async stop(): Promise<boolean> {
    return false;
  }
}
