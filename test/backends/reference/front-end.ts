/** A small front-end for the tests: sends what it is told to, and reads what comes. Shares no code with the back-end's framing. */
import { encodePayload, type PayloadFields, type PayloadKind, Request } from '../../../model/wire/index.js';
import { type Descriptor, NativeError, pipe, Socket, waitFor } from '../../../native/index.js';

/** What came from the back-end. */
export interface Message {
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly descriptors: readonly Descriptor[];
}

/** Something else than a message. */
export type Nothing = 'gone' | 'quiet';

/** Longest wait for something that is due, milliseconds. */
const DUE_MS = 5_000;

export interface Extra {
  readonly fds?: readonly Descriptor[];
  readonly needReply?: boolean;
  /** The whole flags word. */
  readonly flags?: number;
  /** The size field. */
  readonly size?: number;
  /** Cut into pieces here; the back-end gets its turn between them. */
  readonly cut?: readonly number[];
}

export const GET_FEATURES = Request.GET_FEATURES;

export function u64(value: bigint | number): Uint8Array {
  return encodePayload('u64', { value: BigInt(value) });
}

export function payloadOf<K extends PayloadKind>(kind: K, fields: Partial<PayloadFields[K]>): Uint8Array {
  return encodePayload(kind, fields);
}

export const NONE = new Uint8Array(0);

/** Header and payload. */
export function message(
  request: number,
  payload: Uint8Array,
  { needReply = false, flags, size }: Extra = {},
): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  new Uint32Array(bytes.buffer, 0, 3).set([request, flags ?? (needReply ? 9 : 1), size ?? payload.length]);
  bytes.set(payload, 12);
  return bytes;
}

/** Let everything that is ready on this event loop happen. */
export async function turns(n = 20): Promise<void> {
  for (let i = 0; i < n; i++) await new Promise(setImmediate);
}

export class FrontEnd {
  readonly socket: Socket;
  readonly #received: Descriptor[] = [];
  #bytes: Uint8Array = NONE;
  #arrived: Descriptor[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Connect to a process. */
  static connect(path: string): FrontEnd {
    return new FrontEnd(Socket.connect(path, 'test front-end'));
  }

  /** Send raw bytes, waiting for room. @returns false when the back-end has gone. */
  async bytes(bytes: Uint8Array, fds: readonly Descriptor[] = []): Promise<boolean> {
    let rest = bytes;
    let descriptors = fds;
    try {
      while (rest.length > 0) {
        const taken = this.socket.send(rest, descriptors);
        if (taken === 0) await waitFor(this.socket, 'writable', DUE_MS);
        else descriptors = [];
        rest = rest.subarray(taken);
      }
      return true;
    } catch (error) {
      if (error instanceof NativeError) return false;
      throw error;
    }
  }

  async send(request: number, payload: Uint8Array = NONE, extra: Extra = {}): Promise<boolean> {
    const bytes = message(request, payload, extra);
    let from = 0;
    let fds = extra.fds ?? [];
    for (const to of [...(extra.cut ?? []), bytes.length]) {
      if (!(await this.bytes(bytes.subarray(from, to), fds))) return false;
      if (to < bytes.length) await turns();
      from = to;
      fds = [];
    }
    return true;
  }

  /** The next message. `quiet` after `ms` milliseconds. */
  async next(ms = DUE_MS): Promise<Message | Nothing> {
    for (;;) {
      const size = this.#bytes.length >= 12 ? new DataView(this.#bytes.buffer).getUint32(8, true) : 0;
      if (this.#bytes.length >= 12 + size) return this.#take(size);
      let part: ReturnType<Socket['receive']>;
      try {
        part = this.socket.receive(65536);
      } catch {
        return 'gone';
      }
      if (part === undefined) {
        if (!(await waitFor(this.socket, 'readable', ms))) return 'quiet';
        continue;
      }
      this.#arrived.push(...part.descriptors);
      this.#received.push(...part.descriptors);
      if (part.end) return 'gone';
      const all = new Uint8Array(this.#bytes.length + part.bytes.length);
      all.set(this.#bytes);
      all.set(part.bytes, this.#bytes.length);
      this.#bytes = all;
    }
  }

  #take(size: number): Message {
    const view = new DataView(this.#bytes.buffer);
    const descriptors = this.#arrived;
    this.#arrived = [];
    const out = {
      request: view.getUint32(0, true),
      flags: view.getUint32(4, true),
      payload: this.#bytes.slice(12, 12 + size),
      descriptors,
    };
    this.#bytes = this.#bytes.slice(12 + size);
    return out;
  }

  /** Send and read one answer. */
  async call(request: number, payload: Uint8Array = NONE, extra: Extra = {}): Promise<Message | Nothing> {
    return (await this.send(request, payload, extra)) ? this.next() : this.next();
  }

  /** The number that a call answers; a message of another shape, or none, is told as text. */
  async number(request: number, payload: Uint8Array = NONE, extra: Extra = {}): Promise<bigint | string> {
    return numberIn(await this.call(request, payload, extra), request);
  }

  /** True when nothing comes before the answer to a question sent now. */
  async silent(): Promise<boolean> {
    const answer = await this.call(GET_FEATURES);
    return typeof answer !== 'string' && answer.request === GET_FEATURES;
  }

  /** Offer and accept. */
  async negotiate(protocol = 0x9b22bn, features: bigint | undefined = 0x1_4000_0000n): Promise<void> {
    await this.send(Request.SET_PROTOCOL_FEATURES, u64(protocol));
    if (features !== undefined) await this.send(Request.SET_FEATURES, u64(features));
  }

  /** Leave. */
  close(): void {
    for (const d of this.#received.splice(0)) if (!d.closed) d.close();
    if (!this.socket.closed) this.socket.close();
  }
}

export function numberIn(answer: Message | Nothing, request: number): bigint | string {
  if (typeof answer === 'string') return answer;
  if (answer.request !== request || answer.flags !== 5 || answer.payload.length !== 8)
    return `request ${answer.request}, flags ${answer.flags}, ${answer.payload.length} bytes`;
  return new DataView(answer.payload.buffer).getBigUint64(0, true);
}

export const SAVE = 0;
export const LOAD = 1;
/** The reply to a good SET_DEVICE_STATE_FD without an own channel. */
export const ACCEPTED = 0x100n;
/** The reply to a refused one. */
export const REFUSED = 0x101n;

export function stateParameters(direction: number, phase = 0): Uint8Array {
  return encodePayload('device-state', { direction, phase });
}

/** SET_DEVICE_STATE_FD; the descriptor is closed here, as front-ends do. */
export async function set(fe: FrontEnd, direction: number, fd: Descriptor, phase = 0): Promise<bigint | string> {
  const answer = await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(direction, phase), { fds: [fd] });
  fd.close();
  return answer;
}

export function check(fe: FrontEnd): Promise<bigint | string> {
  return fe.number(Request.CHECK_DEVICE_STATE);
}

/** Everything until end of file; what came, and `quiet` in place of the end, where it does not come. */
export async function readAll(
  d: Descriptor,
  ms = DUE_MS,
): Promise<{ bytes: Uint8Array; end: 'eof' | 'quiet' | 'error' }> {
  const parts: Uint8Array[] = [];
  let end: 'eof' | 'quiet' | 'error' | undefined;
  while (end === undefined) {
    try {
      const got = d.read(65536);
      if (got === 'end') end = 'eof';
      else if (got === 'again') end = (await waitFor(d, 'readable', ms)) ? undefined : 'quiet';
      else parts.push(got);
    } catch {
      end = 'error';
    }
  }
  return { bytes: Uint8Array.from(Buffer.concat(parts)), end };
}

/** Write all of it. @returns the number of bytes taken before the reader left, or stopped reading. */
export async function writeAll(d: Descriptor, bytes: Uint8Array, ms = DUE_MS): Promise<number> {
  let at = 0;
  try {
    while (at < bytes.length) {
      const taken = d.write(bytes.subarray(at));
      at += taken;
      if (taken === 0 && !(await waitFor(d, 'writable', ms))) break;
    }
  } catch {
    return at;
  }
  return at;
}

/** Bits 0 to 7 say success, and bit 8 that we use our own channel. */
const accepted = (answer: bigint | string): boolean => typeof answer === 'bigint' && (answer & 0x1ffn) === ACCEPTED;

/** The whole lawful save: SET, all bytes, CHECK. */
export async function save(fe: FrontEnd): Promise<{ bytes: Uint8Array; set: bigint | string; check: bigint | string }> {
  const { r, w } = pipe('state');
  const answer = await set(fe, SAVE, w);
  const { bytes } = accepted(answer) ? await readAll(r) : { bytes: NONE };
  r.close();
  return { bytes, set: answer, check: await check(fe) };
}

/** The whole lawful load: SET, all bytes, CHECK. */
export async function load(fe: FrontEnd, bytes: Uint8Array): Promise<{ set: bigint | string; check: bigint | string }> {
  const { r, w } = pipe('state');
  const answer = await set(fe, LOAD, r);
  if (accepted(answer)) await writeAll(w, bytes);
  w.close();
  return { set: answer, check: await check(fe) };
}
