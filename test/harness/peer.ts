import type { Exit, Instance, Target } from '../../harness/target.js';
import {
  decodeHeader,
  encodeHeader,
  encodePayload,
  FLAG_NEED_REPLY,
  FLAG_REPLY,
  HEADER_SIZE,
  Request,
  VERSION,
} from '../../model/wire/index.js';
import { type Descriptor, Socket, waitFor } from '../../native/index.js';

/** One request as a scripted back-end sees it. */
export interface Got {
  readonly request: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly fds: Descriptor[];
}

/** The back-end's side of a connection, for scripts. */
export class Peer {
  constructor(readonly socket: Socket) {}

  /** The next request; undefined when the front-end has left. Reads only what belongs to it. */
  async next(): Promise<Got | undefined> {
    const fds: Descriptor[] = [];
    const header = await this.#exactly(HEADER_SIZE, fds);
    const { request, flags, size } = header === undefined ? { request: 0, flags: 0, size: 0 } : decodeHeader(header);
    const payload = header === undefined ? undefined : await this.#exactly(size, fds);
    if (payload !== undefined) return { request, flags, payload, fds };
    for (const d of fds) d.close();
    return undefined;
  }

  /** Bytes as they are. Waits for room. */
  async raw(bytes: Uint8Array, fds: readonly Descriptor[] = []): Promise<void> {
    let done = 0;
    while (done < bytes.length && !this.socket.closed) {
      const taken = this.socket.send(bytes.subarray(done), done === 0 ? fds : []);
      done += taken;
      if (taken === 0) await waitFor(this.socket, 'writable', 5_000);
    }
  }

  /** A reply of one 64-bit number. */
  reply(request: number, value: bigint, fds: readonly Descriptor[] = []): Promise<void> {
    return this.raw(replyBytes(request, value), fds);
  }

  async #exactly(length: number, fds: Descriptor[]): Promise<Uint8Array | undefined> {
    let bytes = new Uint8Array(0);
    while (bytes.length < length) {
      if (this.socket.closed) return undefined;
      const got = this.socket.receive(Math.min(length - bytes.length, 65_536));
      if (got === undefined) {
        await waitFor(this.socket, 'readable', 20_000);
        continue;
      }
      fds.push(...got.descriptors);
      if (got.end) return undefined;
      bytes = Uint8Array.from([...bytes, ...got.bytes]);
    }
    return bytes;
  }
}

/** A whole reply message. */
export function replyBytes(request: number, value: bigint, flags: number = VERSION | FLAG_REPLY): Uint8Array {
  const payload = encodePayload('u64', { value });
  const bytes = new Uint8Array(HEADER_SIZE + payload.length);
  bytes.set(encodeHeader({ request, flags, size: payload.length }));
  bytes.set(payload, HEADER_SIZE);
  return bytes;
}

export type Script = (peer: Peer, connection: number) => Promise<void>;

/** The words that the scripted back-ends offer. */
export const OFFERED = { features: 0x1_4000_0000n, protocol: (1n << 19n) | (1n << 3n) | (1n << 5n) };

/**
 * Answer one request as a lawful back-end would that has no state at all: a save writes `state`, a load reads to the end.
 * @returns descriptors that it keeps.
 */
export async function lawful(peer: Peer, got: Got, state: Uint8Array = new Uint8Array(0)): Promise<void> {
  const { request, fds } = got;
  if (request === Request.GET_FEATURES) await peer.reply(request, OFFERED.features);
  else if (request === Request.GET_PROTOCOL_FEATURES) await peer.reply(request, OFFERED.protocol);
  else if (request === Request.SET_DEVICE_STATE_FD) {
    const saving = got.payload[0] === 0;
    await peer.reply(request, 0x100n);
    const [channel] = fds;
    if (channel !== undefined) await (saving ? writeOut(channel, state) : readIn(channel));
  } else if (request === Request.CHECK_DEVICE_STATE) await peer.reply(request, 0n);
  else if (request === Request.GET_VRING_BASE) await peer.raw(baseReply(got));
  else if (got.flags & FLAG_NEED_REPLY) await peer.reply(request, 0n);
  for (const d of fds) if (!d.closed) d.close();
}

function baseReply({ request, payload }: Got): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + 8);
  bytes.set(encodeHeader({ request, flags: VERSION | FLAG_REPLY, size: 8 }));
  bytes.set(payload.subarray(0, 4), HEADER_SIZE);
  return bytes;
}

export async function writeOut(channel: Descriptor, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const taken = channel.write(bytes.subarray(done, done + 4096));
    done += taken;
    if (taken === 0) await waitFor(channel, 'writable', 5_000);
  }
  channel.close();
}

export async function readIn(channel: Descriptor): Promise<number> {
  let total = 0;
  for (;;) {
    const got = channel.read(65_536);
    if (got === 'end') break;
    if (got === 'again') await waitFor(channel, 'readable', 5_000);
    else total += got.length;
  }
  channel.close();
  return total;
}

/** A back-end that answers everything lawfully until the front-end leaves. */
export const lawfulScript =
  (state?: Uint8Array): Script =>
  async (peer) => {
    for (let got = await peer.next(); got !== undefined; got = await peer.next()) await lawful(peer, got, state);
  };

/** A target whose back-ends are scripts in this process, one socket pair a connection. */
export class ScriptedTarget implements Target {
  readonly name = 'scripted';
  readonly version = '';
  readonly comparable = true;
  /** Errors that scripts threw, except for a front-end that left. */
  readonly errors: unknown[] = [];
  taken = 0;
  readonly released: boolean[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly script: Script) {}

  async take(): Promise<Instance> {
    this.taken++;
    let connections = 0;
    return {
      inProcess: true,
      connect: async () => {
        const [ours, theirs] = Socket.pair(['front-end', 'scripted back-end']);
        this.#start(new Peer(theirs), connections++);
        return ours;
      },
      exit: () => undefined,
      ended: async (): Promise<Exit | undefined> => undefined,
      stderr: () => '',
      stop: async () => false,
    };
  }

  async release(_: Instance, healthy: boolean): Promise<void> {
    this.released.push(healthy);
    await this.settled();
  }

  async dispose(): Promise<void> {
    await this.settled();
  }

  /** Wait until every script has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #start(peer: Peer, connection: number): void {
    const running = this.script(peer, connection)
      .catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code !== 'EPIPE' && code !== 'ECONNRESET') this.errors.push(error);
      })
      .finally(() => {
        if (!peer.socket.closed) peer.socket.close();
        this.#running.delete(running);
      });
    this.#running.add(running);
  }
}
