import type { Fields, MessageStep, ObjectKind, OpenStep, Step, WriteStep } from '../../harness/trace/step.js';
import {
  abandoned,
  checkedAs,
  checkRule,
  gone,
  has,
  kicked,
  learned,
  left,
  type Output,
  type Req,
  reconnected,
  rule,
  type SessionState,
  sawEof,
  session,
  situation,
  transferring,
  wroteAll,
  wroteSome,
} from '../../model/session/index.js';
import type { ProtocolFeatureName } from '../../model/wire/index.js';
import { transitionOf } from '../judge/label.js';
import { newRegisters, type Registers, remember } from '../judge/registers.js';
import { abstract } from '../judge/request.js';
import { endOf, Things } from '../judge/things.js';
import type { Coverage } from './coverage.js';
import type { Dice } from './dice.js';
import type { Profile } from './profile.js';

/** What a trace may hold. `lawful`: only what a correct front-end sends. `open`: also what the source leaves open. `hostile`:
 * anything. */
export type Mood = 'lawful' | 'open' | 'hostile';
export const moods: readonly Mood[] = ['lawful', 'open', 'hostile'];

/** An object of the trace. */
export interface Thing {
  readonly name: string;
  readonly kind: ObjectKind;
  /** Ends that we still hold: `r`, `w`, `a`, `b`, or '' for what has no ends. */
  readonly open: Set<string>;
}

/** One ring as we set it up. */
export interface RingView {
  sized: boolean;
  addressed: boolean;
  base: number;
  /** Name of the eventfd. */
  kick?: string;
  /** A kick descriptor, or none on purpose, was set and the ring not stopped since: it may run. */
  live: boolean;
}

/** A region of guest memory that we shared. */
export interface Region {
  readonly name: string;
  readonly guest: number;
  readonly size: number;
  readonly user: string;
}

/** The last channel that was handed over with SET_DEVICE_STATE_FD. */
export interface Channel {
  readonly save: boolean;
  readonly name: string;
  readonly kind: ObjectKind;
  readonly ours: string;
  readonly theirs: string;
  /** What was written: `none` yet, or how it relates to a saved state. */
  written: 'none' | 'part' | 'whole' | 'other';
  content: SessionState['content'];
  /** Bytes may be gone already: what is read to the end is not the whole state. */
  tapped: boolean;
}

/** One session as generation sees it. */
export interface View {
  readonly name: string;
  /** What the model predicts. */
  state: SessionState;
  /** And the numbers behind it. */
  registers: Registers;
  /** What is negotiated is not sure: the last SET_PROTOCOL_FEATURES may have been refused. */
  doubted: boolean;
  /** The message before was held back. */
  glued: boolean;
  rings: RingView[];
  regions: Region[];
  channel?: Channel;
  /** Replies to messages that nothing waited for yet. */
  pending: number;
  /** CHECK_DEVICE_STATE is not answered yet. */
  checking: boolean;
  /** The back-end channel is ours to watch. */
  backendChannel: boolean;
  logged: boolean;
  connections: number;
}

/** A state that was read. */
export interface Saved {
  readonly name: string;
  readonly from: string;
}

/** Everything special in a message. */
export type Extra = Omit<MessageStep, 'do' | 'message' | 'on'> & {
  /** Do not wait for the reply. */
  readonly later?: boolean;
};

const prefixes: Readonly<Record<ObjectKind, string>> = {
  pipe: 'pipe',
  socketpair: 'pair',
  memfd: 'mem',
  file: 'file',
  eventfd: 'event',
  directory: 'dir',
  null: 'null',
};

const freshRings = (): RingView[] => [0, 1].map(() => ({ sized: false, addressed: false, base: 0, live: false }));

/** The trace so far, and what the model predicts of the state that it leads to. Every step is added here. */
export class World {
  readonly steps: Step[] = [];
  readonly sessions: View[] = [];
  readonly things = new Map<string, Thing>();
  readonly saved: Saved[] = [];
  /** Transitions that were predicted, in their order. */
  readonly keys: string[] = [];
  /** The objects as the judge will see them. */
  readonly #judged = new Things();
  readonly #numbers = new Map<string, number>();

  constructor(
    readonly profile: Profile,
    readonly mood: Mood,
    readonly dice: Dice,
    /** Steps that the trace may have. */
    readonly most: number,
    readonly coverage: Coverage,
  ) {
    this.#begin('a');
  }

  get lawful(): boolean {
    return this.mood === 'lawful';
  }

  get hostile(): boolean {
    return this.mood === 'hostile';
  }

  /** Steps that may still come. */
  get room(): number {
    return this.most - this.steps.length;
  }

  get first(): View {
    return this.sessions[0]!;
  }

  #begin(name: string): View {
    const view: View = {
      name,
      state: session.initial,
      registers: newRegisters(),
      doubted: false,
      glued: false,
      rings: freshRings(),
      regions: [],
      pending: 0,
      checking: false,
      backendChannel: false,
      logged: false,
      connections: 1,
    };
    this.sessions.push(view);
    return view;
  }

  #fresh(prefix: string): string {
    const number = (this.#numbers.get(prefix) ?? 0) + 1;
    this.#numbers.set(prefix, number);
    return `${prefix}${number}`;
  }

  #took(view: View, label: string): void {
    this.keys.push(keyOf(view, label));
  }

  /** One of a list, those first whose transition was taken least. */
  rarest<const T extends string>(view: View, list: readonly T[], labelOf: (item: T) => string): T {
    const weight = (item: T) => this.coverage.attraction(keyOf(view, labelOf(item)));
    return this.dice.weighted(list, weight) ?? this.dice.pick(list);
  }

  // Messages

  /**
   * Send a message, and wait for its reply where one must come by every reading of the source.
   * @returns what a conformant and permissive back-end does with it.
   */
  say(view: View, message: string | number, extra: Extra = {}): Output {
    const { later, ...rest } = extra;
    const on = view.name === 'a' ? {} : { on: view.name };
    const draft: MessageStep = { do: 'send', message, ...on, ...rest };
    const { registers, glued: gluedBefore } = view;
    const { req, fields } = abstract(draft, { things: this.#judged, registers, gluedBefore });
    const { outcomes } = rule(view.state, req);
    const nominal =
      (this.profile.ownChannel ? outcomes.find(({ output }) => output === 'set ok own') : undefined) ?? outcomes[0]!;
    const wild = nominal.next.link === 'wild';
    const waits = nominal.output === 'check' && checkRule(view.state).mayWait;
    const sure =
      !wild && !waits && outcomes.every(({ output }) => output !== 'none') && (!view.doubted || anyway.has(req.name));
    const held = extra.glue === true || extra.only !== undefined;
    this.#took(view, labelOf(req));
    if (req.name === 'SET_PROTOCOL_FEATURES') view.doubted = new Set(outcomes.map((o) => o.next.negotiated)).size > 1;
    view.state = nominal.next;
    view.glued = extra.glue === true;
    const awaited = sure && !later && !held;
    remember(registers, req, fields, this.steps.length);
    this.#gave(view, draft, req);
    this.steps.push({ ...draft, do: awaited ? 'call' : 'send' });
    if (awaited) this.#answered(view);
    else if (sure || waits) view.pending++;
    if (nominal.output === 'check') this.#checked(view);
    else if (req.flaw === '' && !nominal.output.endsWith('error')) this.#effect(view, req, draft);
    return nominal.output;
  }

  /** What goes over with a message is used from then on. */
  #gave(view: View, { fds = [] }: MessageStep, { name, direction }: Req): void {
    for (const end of fds) {
      const thing = this.#judged.get(end);
      if (thing === undefined) continue;
      if (name === 'SET_DEVICE_STATE_FD' && thing.uses.length === 0) {
        thing.channelOf ??= { session: view.name, end: endOf(end), direction, step: this.steps.length };
      }
      thing.uses.push({ session: view.name, role: String(name), step: this.steps.length, good: true });
    }
  }

  #checked(view: View): void {
    // Nobody answered yet: it is answered when the channel has come to its end.
    view.checking = checkRule(view.state).mayWait;
    if (!view.checking) this.#concluded(view);
  }

  #concluded(view: View): void {
    const { allowed } = checkRule(view.state);
    view.state = checkedAs(view.state, allowed[0] ?? 'check error');
    const saved = view.state.transfer === 'save' && view.state.checked === 'ok';
    // Little is to be learned from it any more, but that it went is to be seen now and then.
    if (saved && !this.profile.survivesSave && this.dice.chance(0.85)) view.state = gone(view.state);
  }

  /** What a message does that the model leaves to the trace. */
  #effect(view: View, { name, ring, num, fd, value }: Req, step: MessageStep): void {
    const own = ring === 'other' ? undefined : view.rings[ring];
    switch (name) {
      case 'GET_FEATURES':
        view.state = learned(view.state, name, this.profile.features);
        view.registers.features = this.profile.features;
        break;
      case 'GET_PROTOCOL_FEATURES':
        view.state = learned(view.state, name, this.profile.protocolFeatures);
        view.registers.protocol = this.profile.protocolFeatures;
        break;
      case 'SET_VRING_NUM':
        if (own) own.sized = true;
        break;
      case 'SET_VRING_ADDR':
        if (own) own.addressed = true;
        break;
      case 'SET_VRING_BASE':
        if (own) own.base = num;
        break;
      case 'SET_VRING_KICK':
        if (own) {
          own.live = true;
          if (fd) own.kick = step.fds![0]!;
          else delete own.kick;
        }
        break;
      case 'GET_VRING_BASE':
        if (own) own.live = false;
        break;
      case 'SET_STATUS':
        if (value === 0n) view.rings = freshRings();
        break;
      case 'RESET_DEVICE':
        view.rings = freshRings();
        break;
      default:
        break;
    }
  }

  /** Have everything answered that was sent before. */
  barrier(view: View): void {
    this.say(view, 'GET_FEATURES');
  }

  /** The same without waiting for it. */
  barrierLater(view: View): void {
    this.say(view, 'GET_FEATURES', { later: true });
  }

  /** Wait for the replies that are due. */
  awaitAll(view: View): void {
    if (view.pending === 0) return;
    const { state } = view;
    // A channel that never ends: so does the waiting for its result.
    if (view.checking && state.muddled === 'no' && checkRule(state).mayWait) return;
    this.steps.push({ do: 'await', replies: view.pending, ...(view.name === 'a' ? {} : { on: view.name }) });
    this.#answered(view);
  }

  /** Wait for the result of a transfer, where it was asked for and did not come. */
  awaitCheck(view: View): void {
    if (view.checking) this.awaitAll(view);
  }

  /** Everything that was asked is answered. */
  #answered(view: View): void {
    view.pending = 0;
    if (!view.checking) return;
    view.checking = false;
    this.#concluded(view);
  }

  // Objects

  /** Make an object. @returns its name. */
  open(kind: ObjectKind, options: Pick<OpenStep, 'size' | 'nonblock'> = {}): string {
    const name = this.#fresh(prefixes[kind]);
    const step: OpenStep = { do: 'open', name, kind, ...options };
    this.steps.push(step);
    this.#judged.open(step);
    const ends = kind === 'pipe' ? ['r', 'w'] : kind === 'socketpair' ? ['a', 'b'] : [''];
    this.things.set(name, { name, kind, open: new Set(ends) });
    return name;
  }

  /** Whether an end is open on our side. */
  has(end: string): boolean {
    const [name, letter = ''] = end.split('.') as [string, string?];
    return this.things.get(name)?.open.has(letter) ?? false;
  }

  #ownerOf(end: string): View | undefined {
    const object = end.split('.')[0];
    return this.sessions.find(({ channel }) => channel?.name === object);
  }

  /** Close an end, where it is open. */
  close(end: string): void {
    if (!this.has(end)) return;
    const [name, letter = ''] = end.split('.') as [string, string?];
    this.things.get(name)!.open.delete(letter);
    this.#judged.get(end)?.open.delete(letter);
    this.steps.push({ do: 'close', name: end });
    const owner = this.#ownerOf(end);
    if (owner?.channel?.ours === end) this.#ended(owner);
  }

  /** A file was handed over for a load: all that it holds is there at once. */
  handed(view: View): void {
    this.#ended(view);
  }

  #ended(view: View): void {
    const { channel, state } = view;
    if (channel === undefined || !transferring(state)) return;
    this.#took(view, 'close');
    if (channel.save) view.state = abandoned(state, channel.content === 'cut');
    else view.state = wroteAll(state, channel.written === 'none' ? 'empty' : channel.content);
  }

  /** Write to our end of a channel. @param content what the channel then holds. */
  write(view: View, what: Omit<WriteStep, 'do' | 'name'>, content: SessionState['content']): void {
    const { channel } = view;
    if (channel === undefined || !this.has(channel.ours)) return;
    this.steps.push({ do: 'write', name: channel.ours, ...what });
    this.#took(view, `write ${content}`);
    channel.written = content === 'valid' ? 'whole' : content === 'truncated' ? 'part' : 'other';
    channel.content = content;
    if (channel.kind !== 'memfd' && channel.kind !== 'file') view.state = wroteSome(view.state, content);
  }

  /** Read our end to its end. @returns the name that it is stored under, where it is a whole state. */
  readAll(view: View, store = true): string | undefined {
    const { channel } = view;
    if (channel === undefined || !this.has(channel.ours)) return undefined;
    // A copy of ours would keep the end from ever coming.
    if (channel.theirs !== channel.ours) this.close(channel.theirs);
    const name = store ? this.#fresh('state') : undefined;
    this.steps.push({ do: 'read', name: channel.ours, ...(name === undefined ? {} : { into: name }) });
    this.#took(view, 'read eof');
    const whole = transferring(view.state) && view.state.sink === 'good' && view.state.muddled === 'no';
    view.state = sawEof(view.state);
    if (name === undefined || channel.tapped || !whole) return undefined;
    channel.tapped = true;
    this.saved.push({ name, from: view.name });
    return name;
  }

  /** Read some bytes of our end. */
  readSome(view: View, bytes: number): void {
    const { channel } = view;
    if (channel === undefined || !this.has(channel.ours)) return;
    this.steps.push({ do: 'read', name: channel.ours, bytes });
    this.#took(view, 'read enough');
    channel.tapped = true;
  }

  /** Shut our end of a socket pair down. */
  shutdown(view: View, how: 'read' | 'write' | 'both'): void {
    const { channel } = view;
    if (channel?.kind !== 'socketpair' || !this.has(channel.ours)) return;
    this.steps.push({ do: 'shutdown', name: channel.ours, how });
    if (how !== 'read') this.#judged.get(channel.ours)?.ended.add(endOf(channel.ours));
    if (channel.save ? how !== 'write' : how !== 'read') this.#ended(view);
  }

  /** Put the offset of a file back to its beginning. */
  rewind(name: string): void {
    this.steps.push({ do: 'rewind', name });
  }

  /** Put bytes into something before it is a channel. */
  pour(name: string, bytes: number): void {
    this.steps.push({ do: 'write', name, pattern: bytes });
  }

  /** Signal the kick of a ring. */
  kick(view: View, ring: 0 | 1): void {
    const { kick } = view.rings[ring]!;
    if (kick === undefined || !this.has(kick)) return;
    this.steps.push({ do: 'kick', name: kick });
    // A ring that was stopped has forgotten its descriptor, by the usual reading.
    if (view.rings[ring]!.live) view.state = kicked(view.state, ring).at(-1)!;
  }

  // Connections

  disconnect(view: View): void {
    this.steps.push({ do: 'disconnect', ...(view.name === 'a' ? {} : { on: view.name }) });
    view.state = left(view.state);
    view.pending = 0;
    view.checking = false;
  }

  connect(view: View): void {
    this.steps.push({ do: 'connect', ...(view.name === 'a' ? {} : { on: view.name }) });
    view.state = reconnected(view.state);
    view.registers = newRegisters();
    view.doubted = false;
    view.glued = false;
    view.rings = freshRings();
    view.regions = [];
    delete view.channel;
    view.backendChannel = false;
    view.logged = false;
    view.connections++;
  }

  /** Start a further back-end. */
  start(): View {
    const name = String.fromCharCode(97 + this.sessions.length);
    this.steps.push({ do: 'start', session: name });
    return this.#begin(name);
  }

  linger(ms: number): void {
    this.steps.push({ do: 'linger', ms });
  }
}

/** The model's name for taking this transition now. */
export const keyOf = (view: View, label: string): string => `${situation(view.state)}|${label}`;

/** Requests that are answered whatever is negotiated. The two of the state are answered by every back-end of today. */
const anyway: ReadonlySet<string> = new Set([
  'GET_FEATURES',
  'GET_PROTOCOL_FEATURES',
  'SET_DEVICE_STATE_FD',
  'CHECK_DEVICE_STATE',
]);

const labelOf = (req: Req): string => transitionOf(req.flaw === '' ? req.name : `${req.name} ${req.flaw}`, req);

/** Whether a protocol feature is negotiated. */
export const negotiated = (view: View, name: ProtocolFeatureName): boolean => has(view.state.negotiated, name);

/** Fields of SET_DEVICE_STATE_FD. */
export const SAVE: Fields = { direction: 0, phase: 0 };
export const LOAD: Fields = { direction: 1, phase: 0 };
