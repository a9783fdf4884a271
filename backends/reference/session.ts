/** One connection: messages are read, served one after the other, and answered in their order. */
import { FLAG_NEED_REPLY, FLAG_REPLY, VERSION, VERSION_MASK } from '../../model/wire/header.js';
import { type Descriptor, type Socket, waitFor } from '../../native/index.js';
import { Connection, closeAll, type Incoming } from './connection.js';
import type { Device } from './device.js';
import { Holder, MemoryTable } from './memory.js';
import { type Handler, type Request, replyNumber } from './messages/handler.js';
import { handlers, unknown } from './messages/index.js';
import { BAD, CLOSE, NOT_NOW, type Outcome, type Reply, SILENCE } from './messages/outcome.js';
import { Negotiation } from './negotiation.js';
import { Offered } from './offer.js';
import type { Settings } from './options.js';
import type { Parts } from './parts.js';
import { Rings } from './rings.js';
import { TransferDesk } from './transfer/desk.js';
import type { Transfer } from './transfer/transfer.js';

/** Messages, and descriptors with them, that may wait behind an unanswered one. */
const MAX_WAITING = 256;
const MAX_WAITING_DESCRIPTORS = 512;

/** One connection from its first message to its end. */
export class Session {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #parts: Parts;
  /** Messages that have come and are not served yet. */
  readonly #waiting: Incoming[] = [];
  /** A reply that has to come before the waiting messages are served. */
  #owed = false;
  #over = false;
  #draining: Promise<void> | undefined;
  /** Waits for room for replies beside the wait for messages: a second descriptor of the same socket. */
  #writeSide: Descriptor | undefined;

  /** Takes the socket over. */
  constructor(socket: Socket, device: Device, settings: Settings) {
    const { variants, faults, ownChannel } = settings;
    const desk = new TransferDesk(device, variants);
    this.#socket = socket;
    this.#connection = new Connection(socket, faults);
    this.#parts = {
      negotiation: new Negotiation(faults),
      rings: new Rings(variants, faults, () => desk.resume()),
      memory: new MemoryTable(),
      logArea: new Holder(),
      logSignal: new Holder(),
      inflight: new Holder(),
      backendChannel: new Holder(),
      device,
      desk,
      variants,
      faults,
      ownChannel,
    };
  }

  /** Serve until the front-end has gone or `stop` is called. @returns transfers that go on all the same. */
  async run(): Promise<Transfer[]> {
    while (!this.#over) {
      const ended = this.#receive();
      this.#serve();
      // What came before the end is still served; what a CHECK holds up is nobody's business any more.
      if (ended) this.stop();
      if (!this.#over) await this.#more();
    }
    return this.#end();
  }

  /** Leave the connection. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection.close();
    this.#writeSide?.close();
  }

  #end(): Transfer[] {
    for (const { descriptors } of this.#waiting.splice(0)) closeAll(descriptors);
    const { rings, memory, logArea, logSignal, inflight, backendChannel, desk } = this.#parts;
    for (const part of [rings, memory, logArea, logSignal, inflight, backendChannel]) part.close();
    return desk.leave();
  }

  /** Wait until there is something to do, and let everything else have its turn. */
  async #more(): Promise<void> {
    await new Promise(setImmediate);
    if (this.#over) return;
    if (!this.#full) await waitFor(this.#socket, 'readable', Number.POSITIVE_INFINITY);
    else if (this.#draining !== undefined) await this.#draining;
    // Nobody sends so much behind a CHECK: without a bound it would be kept for as long as the channel stays open.
    else this.stop();
  }

  get #full(): boolean {
    const descriptors = this.#waiting.reduce((sum, message) => sum + message.descriptors.length, 0);
    return this.#waiting.length >= MAX_WAITING || descriptors >= MAX_WAITING_DESCRIPTORS;
  }

  /** Take in everything that has come. @returns true at the end of the stream, or where it cannot be read any further. */
  #receive(): boolean {
    while (!this.#over && !this.#full) {
      const message = this.#connection.next();
      if (message === 'nothing') return false;
      if (message === 'end' || message === 'oversize') return true;
      this.#waiting.push(message);
    }
    return false;
  }

  /** Serve the waiting messages, as long as their replies can be sent. */
  #serve(): void {
    while (!this.#over && !this.#owed && !this.#connection.blocked) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#handle(message);
    }
    if (!this.#over && this.#connection.blocked) this.#draining ??= this.#drain();
  }

  /** Send what found no room, then go on. */
  async #drain(): Promise<void> {
    this.#writeSide ??= this.#socket.dup('main socket, for replies that wait');
    while (!this.#over && this.#connection.blocked) {
      await waitFor(this.#writeSide, 'writable', Number.POSITIVE_INFINITY);
      if (!this.#over && !this.#connection.flush()) this.stop();
    }
    this.#draining = undefined;
    this.#serve();
  }

  #handle(message: Incoming): void {
    const handler = handlers.get(message.request) ?? unknown;
    const needReply = (message.flags & FLAG_NEED_REPLY) !== 0;
    // Asked before the message is served: one that negotiates REPLY_ACK was sent without it.
    const acknowledged = needReply && this.#parts.negotiation.protocol(Offered.REPLY_ACK);
    const { payload, descriptors } = message;
    const request = { payload, descriptors, needReply };
    let outcome: Outcome;
    try {
      outcome = this.#run(handler, message, request);
    } catch {
      // The system said no, for example to one descriptor more.
      outcome = NOT_NOW;
    } finally {
      closeAll(descriptors);
    }
    if (outcome.is === 'refused') outcome = this.#refuse(handler, request, outcome.why, acknowledged);
    this.#answer(message.request, outcome, acknowledged);
  }

  #run(handler: Handler, message: Incoming, request: Request): Outcome {
    const sound = (message.flags & (VERSION_MASK | FLAG_REPLY)) === VERSION;
    const [least, most] = handler.descriptors ?? [0, 0];
    const { length } = message.descriptors;
    if (!sound || message.overflow || length < least || length > most) return BAD;
    if (handler.feature !== undefined && !this.#parts.negotiation.protocol(handler.feature)) return NOT_NOW;
    return handler.run(this.#parts, request);
  }

  #refuse(handler: Handler, request: Request, why: 'parameter' | 'state', acknowledged: boolean): Outcome {
    const no = handler.refuse?.(this.#parts, request) ?? (acknowledged ? replyNumber(1n) : SILENCE);
    const closes = why === 'parameter' && this.#parts.variants['open.refusal'] === 'close';
    return closes && no.is === 'reply' ? CLOSE : no;
  }

  #answer(request: number, outcome: Outcome, acknowledged: boolean): void {
    if (outcome.is === 'close') this.stop();
    else if (outcome.is === 'reply') this.#send(request, outcome);
    else if (outcome.is === 'done' && acknowledged) this.#send(request, replyNumber(0n));
    else if (outcome.is === 'later') void this.#answerLater(request, outcome.reply);
  }

  async #answerLater(request: number, reply: Promise<Reply>): Promise<void> {
    const before = this.#parts.variants['open.behind-check'] === 'before';
    this.#owed = !before;
    const ready = await reply;
    if (this.#over) return;
    this.#owed = false;
    this.#send(request, ready);
    this.#serve();
  }

  #send(request: number, { payload, descriptors }: Reply): void {
    if (!this.#connection.reply(request, payload, descriptors)) this.stop();
  }
}
