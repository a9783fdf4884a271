/**
 * Messages on the main socket: the byte stream is cut into messages whatever the pieces it comes in, and descriptors
 * stay with the message whose bytes they came with.
 *
 * Header and payload are read separately and never beyond the message's end: a read that went further could not tell
 * which of two messages the descriptors belong to.
 */
import { decodeHeader, encodeHeader, FLAG_REPLY, HEADER_SIZE, VERSION } from '../../model/wire/header.js';
import type { Descriptor, Socket } from '../../native/index.js';
import type { Faults } from './sabotage.js';

/** No message of the protocol is longer; a size field beyond it cannot be skipped in bounded time. */
export const MAX_PAYLOAD = 4096;
/** Descriptors of one message that are kept until it is complete (the kernel's limit for one send). */
const MAX_DESCRIPTORS = 253;

/** A whole message from the front-end. */
export interface Incoming {
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  /** Whoever uses one takes it out; the rest are closed when the message has been served. */
  readonly descriptors: Descriptor[];
  /** More descriptors came than can be handed over; some are lost. */
  readonly overflow: boolean;
}

interface Outgoing {
  bytes: Uint8Array;
  descriptors: Descriptor[];
}

/** Close descriptors and empty the list. */
export function closeAll(descriptors: Descriptor[]): void {
  for (const d of descriptors.splice(0)) d.close();
}

/** The framing of one connection. Takes the socket over. */
export class Connection {
  readonly #socket: Socket;
  readonly #faults: Faults;
  readonly #buffer = new Uint8Array(HEADER_SIZE + MAX_PAYLOAD);
  #have = 0;
  #size: number | undefined;
  #descriptors: Descriptor[] = [];
  #overflow = false;
  #waited = false;
  #out: Outgoing[] = [];

  constructor(socket: Socket, faults: Faults) {
    this.#socket = socket;
    this.#faults = faults;
  }

  /** The next whole message; `nothing` when it has not all come yet, `end` when the front-end has gone, `oversize` when
   * the header announces more than any message has. */
  next(): Incoming | 'nothing' | 'end' | 'oversize' {
    for (;;) {
      if (this.#size === undefined && this.#have === HEADER_SIZE) {
        this.#size = decodeHeader(this.#buffer).size;
        if (this.#size > MAX_PAYLOAD) {
          this.#faults.crash('oversize-kills');
          return 'oversize';
        }
      }
      const need = HEADER_SIZE + (this.#size ?? 0);
      if (this.#size !== undefined && this.#have === need) {
        const message = this.#take(need);
        if (message !== undefined) return message;
        continue;
      }
      const got = this.#read(need - this.#have);
      if (got !== 'some') return got;
    }
  }

  #read(most: number): 'some' | 'nothing' | 'end' {
    let part: ReturnType<Socket['receive']>;
    try {
      part = this.#socket.receive(most);
    } catch {
      return 'end';
    }
    if (part === undefined) {
      if (this.#have > 0) this.#waited = true;
      return 'nothing';
    }
    this.#buffer.set(part.bytes, this.#have);
    this.#have += part.bytes.length;
    this.#descriptors.push(...part.descriptors);
    if (part.truncated || this.#descriptors.length > MAX_DESCRIPTORS) {
      this.#overflow = true;
      closeAll(this.#descriptors);
    }
    return part.end ? 'end' : 'some';
  }

  #take(need: number): Incoming | undefined {
    const { request, flags } = decodeHeader(this.#buffer);
    const message = {
      request,
      flags,
      payload: this.#buffer.slice(HEADER_SIZE, need),
      descriptors: this.#descriptors,
      overflow: this.#overflow,
    };
    const inPieces = this.#waited;
    this.#have = 0;
    this.#size = undefined;
    this.#descriptors = [];
    this.#overflow = false;
    this.#waited = false;
    if (inPieces && this.#faults.has('fragments-lose-descriptors')) closeAll(message.descriptors);
    if (inPieces && this.#faults.has('fragments-dropped')) {
      closeAll(message.descriptors);
      return undefined;
    }
    return message;
  }

  /** Send a reply. Takes the descriptors over; they are closed when it is out. @returns false when the front-end has
   * gone. */
  reply(request: number, payload: Uint8Array, descriptors: Descriptor[] = []): boolean {
    this.#out.push({ bytes: this.#encode(request, payload), descriptors });
    return this.flush();
  }

  #encode(request: number, payload: Uint8Array): Uint8Array {
    const faults = this.#faults;
    const header = encodeHeader({
      request: request + (faults.has('reply-wrong-request') ? 1 : 0),
      flags: (faults.has('reply-no-version') ? 0 : VERSION) | (faults.has('reply-no-flag') ? 0 : FLAG_REPLY),
      size: payload.length - (faults.has('reply-size-short') && payload.length > 0 ? 4 : 0),
    });
    const bytes = new Uint8Array(HEADER_SIZE + payload.length);
    bytes.set(header);
    bytes.set(payload, HEADER_SIZE);
    return bytes;
  }

  /** A request of our own on the main socket: nothing that a conformant back-end does. */
  announce(request: number): void {
    this.#out.push({ bytes: encodeHeader({ request, flags: VERSION, size: 0 }), descriptors: [] });
    this.flush();
  }

  /** True while a reply waits for room in the socket. */
  get blocked(): boolean {
    return this.#out.length > 0;
  }

  /** Send what waits, as far as there is room. @returns false when the front-end has gone. */
  flush(): boolean {
    try {
      for (let first = this.#out[0]; first !== undefined; first = this.#out[0]) {
        const taken = this.#socket.send(first.bytes, first.descriptors);
        if (taken === 0) return true;
        closeAll(first.descriptors);
        first.bytes = first.bytes.subarray(taken);
        if (first.bytes.length === 0) this.#out.shift();
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Close the socket and every descriptor that is still here. */
  close(): void {
    closeAll(this.#descriptors);
    for (const { descriptors } of this.#out.splice(0)) closeAll(descriptors);
    if (!this.#socket.closed) this.#socket.close();
  }
}
