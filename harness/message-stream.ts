import { decodeHeader, HEADER_SIZE } from '../model/wire/index.js';

/** A whole message with the descriptors that came with its bytes. */
export interface StreamMessage<D> {
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly descriptors: readonly D[];
}

/** Payload that nearly every reply has (a u64): asked for together with the header, so that one call reads it all. */
const USUAL_PAYLOAD = 8;

const NOTHING = new Uint8Array(0);

/**
 * Puts messages together from the pieces in which a stream socket delivers them. It never holds more than one
 * unfinished message, of at most `maxPayload` bytes.
 *
 * Descriptors belong to the message whose bytes they came with. The reader asks for `wanted()` bytes at most, hence a
 * piece reaches beyond the current message only where that is shorter than any lawful reply; then they are counted to
 * the last message that begins in the piece, because the kernel ends a read behind the bytes that carried descriptors.
 */
export class MessageStream<D> {
  #pending: Uint8Array = NOTHING;
  #descriptors: D[] = [];
  /** Length of the current message, header included; undefined until its header is whole. */
  #length: number | undefined;

  constructor(readonly maxPayload: number) {}

  /** How many bytes to ask the socket for. */
  wanted(): number {
    return Math.max(1, (this.#length ?? HEADER_SIZE + USUAL_PAYLOAD) - this.#pending.length);
  }

  /** Bytes of an unfinished message. */
  get rest(): Uint8Array {
    return this.#pending;
  }

  /** Descriptors of an unfinished message; they are the caller's from then on. */
  takeDescriptors(): D[] {
    const taken = this.#descriptors;
    this.#descriptors = [];
    return taken;
  }

  /**
   * Take the next piece.
   * @returns the messages that it completes, and `oversize` (everything from that header on) where a header announces
   * more than the limit. After that the stream is unusable.
   */
  push(bytes: Uint8Array, descriptors: readonly D[] = []): { messages: StreamMessage<D>[]; oversize?: Uint8Array } {
    const earlier = this.#descriptors;
    this.#descriptors = [];
    let buffer = this.#pending.length === 0 ? bytes : concat(this.#pending, bytes);
    const messages: { request: number; flags: number; payload: Uint8Array; descriptors: D[] }[] = [];
    this.#length = undefined;
    while (buffer.length >= HEADER_SIZE) {
      const header = decodeHeader(buffer.subarray(0, HEADER_SIZE));
      if (header.size > this.maxPayload) {
        this.#pending = NOTHING;
        this.#descriptors = [...earlier, ...descriptors];
        return { messages, oversize: buffer.slice() };
      }
      const length = HEADER_SIZE + header.size;
      if (buffer.length < length) {
        this.#length = length;
        break;
      }
      const payload = buffer.slice(HEADER_SIZE, length);
      messages.push({ request: header.request, flags: header.flags, payload, descriptors: [] });
      buffer = buffer.subarray(length);
    }
    this.#pending = buffer.slice();
    const first = messages[0];
    if (first === undefined) {
      this.#descriptors = [...earlier, ...descriptors];
    } else {
      first.descriptors.push(...earlier);
      if (this.#pending.length > 0) this.#descriptors.push(...descriptors);
      else messages.at(-1)!.descriptors.push(...descriptors);
    }
    return { messages };
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
