/** One connection: messages are read, served one after the other, and answered in their order. */
import { FLAG_NEED_REPLY, FLAG_REPLY, VERSION, VERSION_MASK } from '../../model/wire/header.js';
import { Request as Name } from '../../model/wire/messages.js';
import { type Socket, waitFor } from '../../native/index.js';
import { Connection, closeAll, type Incoming } from './connection.js';
import type { Device } from './device.js';
import { Holder, MemoryTable } from './memory.js';
import { type Handler, type Request, replyNumber } from './messages/handler.js';
import { handlers, unknown } from './messages/index.js';
import { type Outcome, REFUSED, type Reply, SILENCE } from './messages/outcome.js';
import { Negotiation } from './negotiation.js';
import { Offered } from './offer.js';
import type { Settings } from './options.js';
import type { Parts } from './parts.js';
import { Rings } from './rings.js';
import type { Faults } from './sabotage.js';
import { TransferDesk } from './transfer/desk.js';
import type { Transfer } from './transfer/transfer.js';

/** Messages, and descriptors with them, that may wait behind an unanswered one. */
const MAX_WAITING = 256;
const MAX_WAITING_DESCRIPTORS = 512;
/** Descriptors that are too many for the fault `many-descriptors-kill`. */
const MANY = 8;

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
  /** For faults: replies held back to be turned round, an acknowledgement too many, and no more answers at all. */
  #reversed: (() => void)[] | undefined;
  #extra: Reply | undefined;
  #deaf = false;
  #draining: Promise<void> | undefined;

  /** Takes the socket over. */
  constructor(socket: Socket, device: Device, { variants, ownChannel }: Settings, faults: Faults) {
    const desk = new TransferDesk(device, variants, faults);
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
  }

  #end(): Transfer[] {
    for (const { descriptors } of this.#waiting.splice(0)) closeAll(descriptors);
    const { rings, memory, logArea, logSignal, inflight, backendChannel, desk, faults } = this.#parts;
    for (const part of [rings, memory, logArea, logSignal, inflight, backendChannel]) part.close();
    faults.leave();
    return desk.leave();
  }

  /** Wait until there is something to do, and let everything else have its turn. */
  async #more(): Promise<void> {
    await new Promise(setImmediate);
    if (this.#over) return;
    if (!this.#full) await this.#ready('readable');
    else if (this.#draining !== undefined) await this.#draining;
    // Nobody sends so much behind a CHECK: without a bound it would be kept for as long as the channel stays open.
    else this.stop();
  }

  /** Wait for the socket; one that cannot be waited for is of no use any more. */
  async #ready(what: 'readable' | 'writable'): Promise<void> {
    try {
      await waitFor(this.#socket, what, Number.POSITIVE_INFINITY);
    } catch {
      this.stop();
    }
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
    const { faults, desk } = this.#parts;
    if (faults.has('replies-reversed') && this.#waiting.length > 1) this.#reversed = [];
    while (!this.#over && !this.#owed && !this.#deaf && !this.#connection.blocked) {
      if (faults.has('deaf-in-transfer') && desk.running) return void desk.idle().then(() => this.#serve());
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#handle(message);
    }
    const reversed = this.#reversed ?? [];
    this.#reversed = undefined;
    for (const send of reversed) if (!this.#over) send();
    if (!this.#over && this.#connection.blocked) this.#draining ??= this.#drain();
  }

  /** Send what found no room, then go on. */
  async #drain(): Promise<void> {
    while (!this.#over && this.#connection.blocked) {
      await this.#ready('writable');
      if (!this.#over && !this.#connection.flush()) this.stop();
    }
    this.#draining = undefined;
    this.#serve();
  }

  #handle(message: Incoming): void {
    const { faults, negotiation } = this.#parts;
    const handler = handlers.get(message.request);
    // Asked before the message is served: one that negotiates REPLY_ACK was sent without it.
    const acks = negotiation.protocol(Offered.REPLY_ACK);
    const acknowledged = acks && (message.flags & FLAG_NEED_REPLY) !== 0;
    const request = { payload: message.payload, descriptors: message.descriptors, acknowledged };
    let outcome: Outcome;
    try {
      outcome = this.#run(handler, message, request);
    } catch {
      // The system said no, for example to one descriptor more.
      outcome = REFUSED;
    }
    this.#drop(message, outcome);
    if (outcome.is === 'refused') outcome = this.#refuse(handler, message.request, request);
    else if (outcome.is === 'done' && (acknowledged || (acks && faults.has('reply-unasked'))))
      outcome = faults.has('ack-missing') && message.request === Name.SET_VRING_ENABLE ? SILENCE : replyNumber(0n);
    else if (outcome.is === 'reply' && acknowledged && faults.has('reply-twice')) this.#extra = replyNumber(0n);
    this.#answer(message.request, outcome);
  }

  #run(handler: Handler = unknown, message: Incoming, request: Request): Outcome {
    const { faults, negotiation } = this.#parts;
    const sound = (message.flags & (VERSION_MASK | FLAG_REPLY)) === VERSION;
    const [least, most] = handler.descriptors ?? [0, 0];
    const { length } = message.descriptors;
    if (handler === unknown) faults.crash('unknown-kills');
    if (length > MANY) faults.crash('many-descriptors-kill');
    if (!sound || message.overflow || length < least || length > most) return REFUSED;
    if (handler.feature === undefined || negotiation.protocol(handler.feature))
      return handler.run(this.#parts, request);
    if (message.request === Name.CHECK_DEVICE_STATE && faults.has('check-unnegotiated')) return replyNumber(0n);
    const open = message.request === Name.SET_DEVICE_STATE_FD && faults.has('set-unnegotiated');
    return open ? handler.run(this.#parts, request) : REFUSED;
  }

  /** Close the descriptors that nobody kept. */
  #drop({ request, descriptors }: Incoming, outcome: Outcome): void {
    const { faults } = this.#parts;
    const most = handlers.get(request)?.descriptors?.[1] ?? 0;
    const refused = outcome.is === 'refused';
    if (refused && request === Name.SET_DEVICE_STATE_FD && faults.has('leak-refused-channel'))
      faults.loseAll(descriptors);
    else if (descriptors.length > most && faults.has('leak-malformed')) faults.loseAll(descriptors);
    closeAll(descriptors);
  }

  #refuse(handler: Handler = unknown, number: number, request: Request): Outcome {
    const { faults } = this.#parts;
    if (number === Name.SET_DEVICE_STATE_FD && faults.has('deaf-after-refusal')) this.#deaf = true;
    if (handler === unknown && faults.has('unknown-unanswered')) return SILENCE;
    if (handler.refuse !== undefined) return handler.refuse(this.#parts, request);
    return request.acknowledged ? replyNumber(faults.failure) : SILENCE;
  }

  #answer(request: number, outcome: Outcome): void {
    if (outcome.is === 'close') this.stop();
    else if (outcome.is === 'reply') this.#send(request, outcome);
    else if (outcome.is === 'later') void this.#answerLater(request, outcome.reply);
    if (request === Name.SET_CONFIG && this.#parts.faults.has('main-socket-message')) this.#connection.announce(2);
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
    if (this.#over) closeAll(descriptors);
    else if (this.#reversed !== undefined)
      this.#reversed.unshift(() => this.#connection.reply(request, payload, descriptors));
    else if (!this.#connection.reply(request, payload, descriptors)) this.stop();
    if (this.#extra === undefined) return;
    const { payload: again } = this.#extra;
    this.#extra = undefined;
    if (!this.#over) this.#connection.reply(request, again);
  }
}
