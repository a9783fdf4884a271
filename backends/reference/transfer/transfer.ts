/**
 * One transfer of the device state over one channel, beside everything else: it goes as far as the channel lets it, and
 * waits for the channel on the event loop.
 */
import { type Descriptor, waitFor } from '../../../native/index.js';

/** Bytes per read or write. */
export const PIECE = 64 * 1024;
/** Pieces between two looks at the rest of the world. */
const PIECES_AT_ONCE = 16;
/** Pieces that are moved while a message waits for the outcome, so that an endless stream cannot hold it for ever. */
const PIECES_AT_MOST = 2 * 4096;

/** How far one piece brought it. */
export type Progress = 'moved' | 'wait' | 'complete' | 'failed';

/** What moves the bytes of one direction. */
export interface Mover {
  readonly waitsFor: 'readable' | 'writable';
  /** Move one piece. May throw what the descriptor throws: that is a failed transfer. */
  piece(channel: Descriptor): Progress;
  /** The channel is closed and all bytes were moved: make it count. @returns whether the transfer succeeded. */
  finish(): boolean;
  /** The transfer failed in the middle, by an error of the channel or because somebody gave it up. @returns whether it
   * counts as a success all the same. */
  fail(error: unknown): boolean;
}

/** A transfer that runs, or ran. Owns the channel's descriptor until its result is known. */
export class Transfer {
  readonly #channel: Descriptor;
  readonly #mover: Mover;
  readonly #release: (channel: Descriptor) => void;
  #succeeded: boolean | undefined;
  #settle!: () => void;
  /** Resolves when the result is known. */
  readonly settled: Promise<void>;

  /** @param release what closes the channel's descriptor. */
  constructor(channel: Descriptor, mover: Mover, release: (channel: Descriptor) => void) {
    this.#channel = channel;
    this.#mover = mover;
    this.#release = release;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether it succeeded; undefined while it runs. */
  get succeeded(): boolean | undefined {
    return this.#succeeded;
  }

  /** Whether its channel, while it runs, comes to an end when everybody else has left it: an event counter has none. */
  get ends(): boolean {
    return this.#channel.stat().kind !== 'eventfd';
  }

  /** Run until the result is known. */
  async run(): Promise<void> {
    while (this.#succeeded === undefined) {
      if (this.#advance(PIECES_AT_ONCE) === 'moved') await new Promise(setImmediate);
      else if (this.#succeeded === undefined) await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    try {
      await waitFor(this.#channel, this.#mover.waitsFor, Number.POSITIVE_INFINITY);
    } catch (error) {
      this.#end(false, error);
    }
  }

  /** Go as far as the channel allows right now. */
  advance(): void {
    this.#advance(PIECES_AT_MOST);
  }

  #advance(pieces: number): Progress {
    let progress: Progress = 'moved';
    for (let i = 0; i < pieces && progress === 'moved' && this.#succeeded === undefined; i++) {
      try {
        progress = this.#mover.piece(this.#channel);
      } catch (error) {
        this.#end(false, error);
        return 'failed';
      }
      if (progress === 'complete' || progress === 'failed') this.#end(progress === 'complete');
    }
    return progress;
  }

  /** Give it up: the channel is closed, the result is a failure. Does nothing when the result is known. */
  cancel(): void {
    this.#end(false, new Error('given up'));
  }

  #end(moved: boolean, error?: unknown): void {
    if (this.#succeeded !== undefined) return;
    this.#succeeded = false;
    this.#release(this.#channel);
    this.#succeeded = moved ? this.#mover.finish() : this.#mover.fail(error);
    this.#settle();
  }
}
