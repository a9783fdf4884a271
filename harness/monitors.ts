import { encodeHeader, encodePayload, FLAG_NEED_REPLY, FLAG_REPLY, Request, VERSION } from '../model/wire/index.js';
import { type Descriptor, EventFd, NativeError, Socket } from '../native/index.js';
import type { Ledger } from './ledger.js';
import { limits } from './limits.js';
import { MessageStream } from './message-stream.js';
import type { Recorder } from './recorder.js';

/** Our end of a back-end channel. */
interface BackChannel {
  readonly on: string;
  readonly name: string;
  readonly stream: MessageStream<Descriptor>;
  messages: number;
  descriptors: number;
  over: boolean;
}

/** The messages that hand over eventfds through which the back-end signals us. */
const signalling: ReadonlySet<number> = new Set([Request.SET_VRING_CALL, Request.SET_VRING_ERR]);

/** Watches what a back-end does outside the main socket: signals on call and err eventfds, messages on its own channel. */
export class Monitors {
  /** Eventfd names, with the session that they were last handed to. */
  readonly #signals = new Map<string, string>();
  readonly #kicks = new Set<string>();
  #channels: BackChannel[] = [];

  constructor(
    private readonly ledger: Ledger,
    private readonly recorder: Recorder,
  ) {}

  /** Descriptors went over with a message of this number. */
  handed(on: string, request: number, names: readonly string[]): void {
    for (const name of names) {
      const kind = this.ledger.end(name)?.object.kind;
      if (kind === 'eventfd' && signalling.has(request)) this.#signals.set(name, on);
      // An eventfd that serves as kick as well is left alone: taking its count would steal kicks.
      if (kind === 'eventfd' && request === Request.SET_VRING_KICK) this.#kicks.add(name);
      if (kind === 'socketpair' && request === Request.SET_BACKEND_REQ_FD) {
        const ours = name.endsWith('.a') ? name.replace(/a$/, 'b') : name.replace(/b$/, 'a');
        this.#channels.push({
          on,
          name: ours,
          stream: new MessageStream(limits.payload),
          messages: 0,
          descriptors: 0,
          over: false,
        });
      }
    }
  }

  /** A back-end that waits for an answer on its own channel answers nothing else: waits must be short then. */
  get mustServe(): boolean {
    return this.#channels.length > 0;
  }

  /** Record what there is. Never waits. */
  look(): void {
    for (const [name, on] of this.#signals) {
      const end = this.ledger.end(name);
      if (!end?.open || this.#kicks.has(name) || !(end.descriptor instanceof EventFd)) continue;
      const count = end.descriptor.take();
      if (count > 0n) this.recorder.add(on, { type: 'signal', name, count });
    }
    this.serve();
  }

  /** Take the messages of back-end channels, and answer those that ask for it. Never waits. */
  serve(): void {
    if (this.#channels.length === 0) return;
    for (const channel of this.#channels) this.#serve(channel);
    this.#channels = this.#channels.filter((channel) => !channel.over);
  }

  /** Let go of what came in and was never whole. */
  close(): void {
    for (const channel of this.#channels) for (const d of channel.stream.takeDescriptors()) d.close();
    this.#channels = [];
  }

  #serve(channel: BackChannel): void {
    const socket = this.ledger.end(channel.name)?.descriptor;
    if (!(socket instanceof Socket) || socket.closed) this.#drop(channel);
    else this.#empty(channel, socket);
  }

  #empty(channel: BackChannel, socket: Socket): void {
    try {
      while (!channel.over) {
        const received = socket.receive(channel.stream.wanted());
        if (received === undefined) return;
        if (received.bytes.length > 0) this.#take(channel, socket, received);
        if (received.end) this.#drop(channel);
      }
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      this.#drop(channel);
    }
  }

  #take(channel: BackChannel, socket: Socket, received: { bytes: Uint8Array; descriptors: Descriptor[] }): void {
    channel.descriptors += received.descriptors.length;
    const { messages, oversize } = channel.stream.push(received.bytes, received.descriptors);
    for (const { request, flags, payload, descriptors } of messages) {
      for (const d of descriptors) d.close();
      this.recorder.add(channel.on, { type: 'backend-message', request, flags, payload });
      channel.messages++;
      if (flags & FLAG_NEED_REPLY) answer(socket, request);
    }
    const flood = channel.messages > limits.floodMessages || channel.descriptors > limits.floodDescriptors;
    if (oversize === undefined && !flood) return;
    const bytes = (oversize ?? received.bytes).slice(0, limits.garbageKept);
    this.recorder.add(channel.on, {
      type: 'garbage',
      reason: flood ? 'flood' : 'oversize',
      bytes,
      channel: channel.name,
    });
    this.#drop(channel);
  }

  #drop(channel: BackChannel): void {
    for (const d of channel.stream.takeDescriptors()) d.close();
    channel.over = true;
  }
}

/** Success, as REPLY_ACK defines it. A full socket loses the answer: the back-end that does not read it does not want it. */
function answer(socket: Socket, request: number): void {
  const payload = encodePayload('u64', { value: 0n });
  const header = encodeHeader({ request, flags: VERSION | FLAG_REPLY, size: payload.length });
  const message = new Uint8Array(header.length + payload.length);
  message.set(header);
  message.set(payload, header.length);
  socket.send(message);
}
