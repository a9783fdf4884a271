import { type Descriptor, NativeError, type Socket } from '../native/index.js';
import { limits } from './limits.js';
import { MessageStream, type StreamMessage } from './message-stream.js';

/** What `next` finds. */
export type Incoming =
  | { readonly type: 'message'; readonly message: StreamMessage<Descriptor> }
  /** The back-end broke a limit; the connection is closed. */
  | { readonly type: 'garbage'; readonly reason: 'oversize' | 'flood'; readonly bytes: Uint8Array }
  /** End of file, reset or broken pipe; `rest` holds the bytes of a message that will never be whole. */
  | { readonly type: 'gone'; readonly rest: Uint8Array }
  /** Nothing there now. */
  | undefined;

/** How a send ended. */
export interface Sent {
  readonly bytes: number;
  readonly outcome: 'all' | 'blocked' | 'gone' | 'error';
  /** errno name of an error that says nothing about the peer. */
  readonly error?: string;
}

/** Waits until a descriptor is ready; false when it was not within `ms`. */
export type Wait = (d: Descriptor, what: 'readable' | 'writable', ms: number) => Promise<boolean>;

const gone = new Set(['EPIPE', 'ECONNRESET', 'ENOTCONN', 'ECONNABORTED']);

/** One connection to a back-end: bytes and descriptors out, whole messages in, within limits. */
export class Connection {
  readonly #stream = new MessageStream<Descriptor>(limits.payload);
  readonly #inbox: StreamMessage<Descriptor>[] = [];
  /** What ended the connection; seen by the reader behind the messages that came before it. */
  #end: Exclude<Incoming, undefined> | undefined;
  #expected = 0;
  #messages = 0;
  #bytes = 0;
  #descriptors = 0;

  constructor(
    readonly socket: Socket,
    readonly wait: Wait,
  ) {}

  /** Count a message that went out: a back-end may answer it. */
  expect(): void {
    this.#expected++;
  }

  /**
   * Send bytes, the descriptors with the first of them. Goes on until all are taken, the peer is gone, or nothing was
   * taken for `deadlineMs`; what comes in meanwhile is kept for `next`, lest both sides wait for each other.
   */
  async send(bytes: Uint8Array, descriptors: readonly Descriptor[], deadlineMs: number): Promise<Sent> {
    let done = 0;
    let since = performance.now();
    let pause = 1;
    if (bytes.length === 0) return { bytes: 0, outcome: 'all' };
    while (done < bytes.length) {
      let taken: number;
      try {
        taken = this.socket.send(done === 0 ? bytes : bytes.subarray(done), done === 0 ? descriptors : []);
      } catch (error) {
        if (!(error instanceof NativeError)) throw error;
        return gone.has(error.code)
          ? { bytes: done, outcome: 'gone' }
          : { bytes: done, outcome: 'error', error: error.code };
      }
      if (taken > 0) {
        done += taken;
        since = performance.now();
        pause = 1;
        continue;
      }
      const left = deadlineMs - (performance.now() - since);
      if (left <= 0) return { bytes: done, outcome: 'blocked' };
      await this.wait(this.socket, 'writable', Math.min(pause, left));
      pause = Math.min(pause * 2, limits.servePauseMs);
      this.#fetch(limits.floodMessages);
    }
    return { bytes: done, outcome: 'all' };
  }

  /** The next thing that came in; never waits. `gone` and `garbage` are told once. */
  next(): Incoming {
    if (this.#inbox.length === 0) this.#fetch(1);
    const message = this.#inbox.shift();
    if (message !== undefined) return { type: 'message', message };
    const end = this.#end;
    if (end !== undefined && !this.socket.closed) {
      this.close();
      return end;
    }
    return undefined;
  }

  /** Bytes of a message that is not whole yet. */
  get rest(): Uint8Array {
    return this.#stream.rest;
  }

  /** Wait until `next` may have something. */
  readable(ms: number): Promise<boolean> {
    return this.wait(this.socket, 'readable', ms);
  }

  /** Close it, with every descriptor that came in and that nobody took. */
  close(): void {
    if (!this.socket.closed) this.socket.close();
    for (const message of this.#inbox.splice(0)) for (const d of message.descriptors) d.close();
    for (const d of this.#stream.takeDescriptors()) d.close();
  }

  /** Read what is there until `enough` messages are whole. */
  #fetch(enough: number): void {
    for (let whole = 0; whole < enough && this.#end === undefined && !this.socket.closed; ) {
      let received: ReturnType<Socket['receive']>;
      try {
        received = this.socket.receive(this.#stream.wanted());
      } catch (error) {
        if (!(error instanceof NativeError)) throw error;
        // Whatever the error is called: nothing more can be read here.
        this.#end = { type: 'gone', rest: this.#stream.rest };
        return;
      }
      if (received === undefined) return;
      if (received.bytes.length > 0 || received.descriptors.length > 0) whole += this.#take(received);
      if (received.end && this.#end === undefined) this.#end = { type: 'gone', rest: this.#stream.rest };
    }
  }

  #take(received: { bytes: Uint8Array; descriptors: Descriptor[] }): number {
    const { messages, oversize } = this.#stream.push(received.bytes, received.descriptors);
    this.#inbox.push(...messages);
    this.#messages += messages.length;
    this.#bytes += received.bytes.length;
    this.#descriptors += received.descriptors.length;
    if (oversize !== undefined) {
      this.#end = { type: 'garbage', reason: 'oversize', bytes: oversize.slice(0, limits.garbageKept) };
    } else if (
      this.#messages - this.#expected > limits.floodMessages ||
      this.#bytes - this.#expected * limits.replyAllowance > limits.floodBytes ||
      this.#descriptors - this.#expected * limits.descriptors > limits.floodDescriptors
    ) {
      this.#end = { type: 'garbage', reason: 'flood', bytes: received.bytes.slice(0, limits.garbageKept) };
    }
    return messages.length;
  }
}
