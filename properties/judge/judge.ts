import type { History, HistoryEvent } from '../../harness/history.js';
import type { MessageStep, Step, Trace } from '../../harness/trace/step.js';
import {
  abandoned,
  kicked,
  learned,
  left,
  type Req,
  type Ring,
  readerLeft,
  reconnected,
  type SessionState,
  sawEof,
  situation,
  wroteAll,
  wroteSome,
} from '../../model/session/index.js';
import { messages, ProtocolFeature, Request, type RequestName, requestName } from '../../model/wire/index.js';
import type { Judgement } from '../finding.js';
import { contentOf, type Saved } from './content.js';
import { Device } from './device.js';
import { heldTooLong } from './held.js';
import { usable } from './observed.js';
import { judgeProcess } from './process.js';
import { newRegisters, type Registers, remember } from './registers.js';
import { type Abstracted, abstract } from './request.js';
import { endOf, type Thing, Things, thingOf, total } from './things.js';
import { type Failure, type Match, Track, type Variants } from './track.js';
import { Verdicts, type Wanted } from './verdicts.js';

export interface JudgeOptions extends Wanted {
  /** Pinned answers of open questions; every other answer is accepted. */
  readonly variants: Variants;
  /** Equal states of two processes are equal byte for byte. */
  readonly comparable: boolean;
}

/** The closing barrier of the harness. */
const BARRIER: MessageStep = { do: 'call', message: 'GET_FEATURES' };

/** What a step is called in signatures and coverage. */
function labelOf(step: Step | undefined, flaw = ''): string {
  if (step === undefined) return 'end';
  if (step.do !== 'call' && step.do !== 'send') return step.do;
  const name =
    typeof step.message === 'number'
      ? step.message > 43 || step.message < 1
        ? 'UNKNOWN'
        : requestName(step.message)
      : step.message;
  return flaw === '' ? name : `${name} ${flaw}`;
}

class Judge {
  private readonly tracks = new Map<string, Track>();
  private readonly devices = new Map<string, Device>();
  private readonly things = new Things();
  private readonly states = new Map<string, Uint8Array>();
  private readonly saved = new Map<string, Saved & { good: boolean }>();
  private readonly reached = new Map<string, number>();
  private readonly transitions: string[] = [];
  private readonly verdicts: Verdicts;
  private readonly kickedThings = new Set<string>();
  /** Whether all rings of a session were stopped when this step began. */
  private suspendedBefore = new Map<string, boolean>();
  private explained: number;
  /** Requests by step, for what replies to them carry. */
  private readonly requests = new Map<number, Abstracted>();
  private glued: number | undefined;
  /** The object that the last transfer of a session goes through. */
  private readonly channels = new Map<string, Thing>();

  constructor(
    private readonly trace: Trace,
    private readonly history: History,
    private readonly options: JudgeOptions,
  ) {
    this.verdicts = new Verdicts(options);
    this.explained = trace.length;
  }

  private track(on: string): Track {
    let track = this.tracks.get(on);
    if (track === undefined) {
      track = new Track(on, this.options.variants);
      this.tracks.set(on, track);
      this.devices.set(on, new Device(on, this.options));
    }
    return track;
  }
  private device(on: string): Device {
    this.track(on);
    return this.devices.get(on)!;
  }

  private reach(clauses: Iterable<string>): void {
    for (const id of clauses) this.reached.set(id, (this.reached.get(id) ?? 0) + 1);
  }

  private fail(on: string, failure: Failure | undefined, cause?: string): void {
    if (failure === undefined) return;
    const track = this.track(on);
    if (track.lost) return;
    track.lost = true;
    track.lostByEnd = cause === 'end';
    this.explained = Math.min(this.explained, failure.step);
    const flaw = this.requests.get(failure.step)?.req.flaw ?? '';
    this.verdicts.add({
      ...failure,
      on,
      signature: [
        flaw === '' ? failure.about : `${failure.about} ${flaw}`,
        failure.situation === flaw ? '' : failure.situation,
        kindOf(failure.observed),
      ],
      ...(cause === undefined ? {} : { cause }),
    });
  }

  run(): Judgement {
    const events = this.history.events;
    let at = 0;
    for (let step = 0; step <= this.trace.length; step++) {
      for (const [name, track] of this.tracks) this.suspendedBefore.set(name, track.suspended);
      const mine: HistoryEvent[] = [];
      while (at < events.length && events[at]!.step <= step) mine.push(events[at++]!);
      this.before(step, mine);
      for (const event of mine) this.event(event);
      this.after(step, mine);
    }
    for (const event of events.slice(at)) this.event(event);
    this.endings();
    const answers: Record<string, string> = {};
    for (const track of this.tracks.values())
      for (const [question, answer] of track.answers) answers[question] = answer;
    const violations = this.verdicts.list();
    this.reach(violations.map(({ clause }) => clause).filter((id) => !this.reached.has(id)));
    return {
      violations,
      reached: Object.fromEntries(this.reached),
      answers,
      transitions: this.transitions,
      explained: this.explained,
    };
  }

  private did(mine: readonly HistoryEvent[]): boolean {
    return !mine.some(({ type }) => type === 'skipped');
  }

  private transition(on: string, label: string): void {
    const state = this.track(on).candidates[0]?.state;
    if (state !== undefined) this.transitions.push(`${situation(state)}|${label}`);
  }

  /** What a step does before anything is seen of it. */
  private before(step: number, mine: readonly HistoryEvent[]): void {
    const it = this.trace[step];
    if (it === undefined || !this.did(mine)) return;
    switch (it.do) {
      case 'open':
        return this.things.open(it);
      case 'kick':
        return this.kick(it.name);
      case 'close':
      case 'shutdown':
        return this.close(it.name, it.do === 'shutdown' ? it.how : undefined);
      case 'rewind': {
        const thing = this.things.get(it.name);
        if (thing !== undefined) thing.offset = 0;
        return;
      }
      case 'disconnect':
        return this.disconnect(it.on ?? 'a');
      case 'start':
        this.track(it.session);
        return;
      default:
    }
  }

  private after(step: number, mine: readonly HistoryEvent[]): void {
    const it = this.trace[step];
    if (it?.do === 'connect' && mine.some(({ type }) => type === 'connected')) return;
    if ((it?.do === 'call' || it?.do === 'send') && it.glue) this.glued = step;
    else if (it?.do === 'call' || it?.do === 'send') this.glued = undefined;
  }

  private event(event: HistoryEvent): void {
    const track = this.track(event.on);
    const step = this.trace[event.step];
    switch (event.type) {
      case 'sent':
        return this.sent(event, step === undefined ? BARRIER : step);
      case 'message':
        return track.lost ? track.messageUnjudged(event.request) : this.message(event, track);
      case 'garbage':
        if (event.channel === undefined && !track.lost && !track.all((s) => s.link === 'wild'))
          this.garbage(event, track);
        return;
      case 'quiet':
        if (!track.lost) this.fail(event.on, track.quiet(event.step, event.waitedMs));
        return;
      case 'gone':
        return this.gone(event.on, track, event.step);
      case 'connected':
        if (step?.do === 'connect') this.reconnect(track);
        return;
      case 'refused':
        return this.refused(event, track);
      case 'wrote':
        return this.wrote(event, step);
      case 'read':
        return this.read(event, step);
      case 'signal':
        return this.signal(event, track);
      case 'backend-message':
        return this.unasked(event, track);
      case 'held':
        return this.held(event, track);
      default:
    }
  }

  private sent(event: Extract<HistoryEvent, { type: 'sent' }>, step: Step): void {
    const track = this.track(event.on);
    if (step.do !== 'call' && step.do !== 'send') return;
    // A message whose first pieces went out is one that the back-end did not wait for the rest of.
    if (!event.complete && !(event.bytes > 0 && (step.cut?.length ?? 0) > 0)) return;
    let abstracted: Abstracted;
    try {
      abstracted = abstract(step, {
        things: this.things,
        registers: track.registers,
        gluedBefore: this.glued !== undefined,
      });
    } catch {
      track.lost = true;
      return;
    }
    const { req, encoded, fields } = abstracted;
    this.requests.set(event.step, abstracted);
    if (track.lost) return track.sentUnjudged(req, encoded.request, event.step);
    if (outOfIndex(req, track.registers)) {
      track.lost = true;
      return;
    }
    this.transition(event.on, labelOf(step, req.flaw));
    this.reach(track.sent(req, encoded.request, event.step));
    if (req.name !== 'SET_DEVICE_STATE_FD') this.uses(event.on, step, req.flaw === '', event.step);
    else this.channel(event.on, step, req.direction, event.step);
    remember(track.registers, req, fields, event.step);
    this.device(event.on).sent(req);
  }

  /** Remember which objects went with a message, so that it is known what may be held. */
  private uses(on: string, step: MessageStep, good: boolean, at: number): void {
    const role = labelOf(step);
    for (const name of step.fds ?? []) {
      const index = step.with?.index ?? (typeof step.with?.value === 'number' ? step.with.value & 0xff : '');
      this.things.get(name)?.uses.push({ session: on, role: `${role} ${index}`, step: at, good });
    }
  }

  private channel(on: string, step: MessageStep, direction: 'save' | 'load' | 'other', at: number): void {
    for (const name of step.fds ?? []) {
      const thing = this.things.get(name);
      if (thing === undefined) continue;
      const again = thing.channelOf !== undefined || thing.uses.length > 0;
      thing.uses.push({ session: on, role: 'SET_DEVICE_STATE_FD', step: -1, good: true });
      this.channels.set(on, thing);
      // What the back-end writes moves the offset that we share with it: only a rewind shows where we read from.
      if (direction === 'save') thing.offset = -1;
      if (!again) thing.channelOf = { session: on, end: endOf(name), direction, step: at };
      if (thing.kind === 'memfd' || thing.kind === 'file' || this.things.writersGone(thing)) this.loaded(thing);
      else this.filled(thing);
    }
  }

  private content(thing: Thing, bytes: Uint8Array): SessionState['content'] {
    const session = thing.channelOf?.session;
    // A process that saved before is not a fresh destination.
    const saves = [...this.saved.values()];
    const own = session !== undefined && saves.some((s) => s.session === session);
    const steps = this.trace.filter((s) => s.do === 'write' && thingOf(s.name) === thing.name);
    const patternOnly = steps.length > 0 && steps.every((s) => s.do === 'write' && s.pattern !== undefined);
    const found = contentOf(bytes, saves, patternOnly && bytes.length >= 16);
    return own && found === 'valid' ? this.ownState(session!, found) : found;
  }

  /** Loading into a process that saved: only a state of another one is sure to be taken, and that after a failure. */
  private ownState(session: string, found: SessionState['content']): SessionState['content'] {
    return this.track(session).all((s) => s.earlier === 'failed') ? found : 'unknown';
  }

  /** Everything that will be read by a load is in the channel, and its end. */
  private loaded(thing: Thing): void {
    const of = thing.channelOf;
    if (of === undefined || thing.replaced) return;
    const bytes = total(thing);
    const file = thing.kind === 'memfd' || thing.kind === 'file';
    const content = this.content(thing, file ? bytes.subarray(thing.offset) : bytes);
    this.track(of.session).change((s) => wroteAll(s, content), of.step);
  }
  private filled(thing: Thing): void {
    const of = thing.channelOf;
    if (of === undefined || thing.replaced) return;
    const content = this.content(thing, total(thing));
    this.track(of.session).change((s) => wroteSome(s, content), of.step);
  }

  private message(event: Extract<HistoryEvent, { type: 'message' }>, track: Track): void {
    const found = track.message(event);
    if (found === undefined) return;
    if ('clause' in found) return this.fail(event.on, found);
    this.matched(event, track, found);
  }

  private matched(event: Extract<HistoryEvent, { type: 'message' }>, track: Track, match: Match): void {
    const { due, observed } = match;
    const { req } = due;
    this.reach(['communication.backend-req', ...match.reached]);
    if (observed.value !== undefined && observed.output === 'value') {
      if (req.name === 'GET_FEATURES') track.registers.features = observed.value;
      if (req.name === 'GET_PROTOCOL_FEATURES') {
        track.registers.protocol = observed.value;
        this.offersEarly(event, track, observed.value);
      }
      track.change((s) => learned(s, req.name, observed.value!));
    }
    if (observed.output === 'set ok own') this.ownChannel(event, track, due.step);
    if (req.name === 'CHECK_DEVICE_STATE') this.checked(track, observed.output === 'check 0');
    if (req.name === 'SET_VRING_BASE' && req.ring !== 'other' && observed.output === 'ack error') {
      track.registers.ring[req.ring].base = undefined;
    }
    this.onlyOffered(event, track, match);
    for (const finding of this.device(event.on).matched(
      req,
      observed,
      event.step,
      due.step,
      this.requests.get(due.step)?.fields ?? {},
      track,
    )) {
      this.reach([finding.clause]);
      if (finding.failure !== undefined) this.fail(event.on, finding.failure);
    }
  }

  /** What is offered before SET_FEATURES is what is offered behind it: that message is not what makes it known. */
  private offersEarly(event: Extract<HistoryEvent, { type: 'message' }>, track: Track, value: bigint): void {
    const { registers } = track;
    if (!track.all((s) => s.link === 'up')) return;
    if (track.all((s) => s.features === 'none')) {
      registers.protocolEarly = value;
      return;
    }
    const { protocolEarly } = registers;
    if (protocolEarly === undefined || protocolEarly === value || track.states.some((s) => s.features === 'none'))
      return;
    this.fail(event.on, {
      clause: 'features.protocol-bit',
      step: event.step,
      expected: [`the same protocol features as before SET_FEATURES, 0x${protocolEarly.toString(16)}`],
      observed: `0x${value.toString(16)}`,
      situation: '',
      about: 'GET_PROTOCOL_FEATURES',
    });
  }

  /** An acknowledgement of success for a feature that was never offered, where the same was refused before it was asked for. */
  private onlyOffered(event: Extract<HistoryEvent, { type: 'message' }>, track: Track, { due, observed }: Match): void {
    const { req } = due;
    const { registers } = track;
    const feature = req.name === 'UNKNOWN' ? undefined : messages[req.name as RequestName].feature;
    if (feature === undefined || req.flaw !== '' || registers.protocol === undefined) return;
    const bit = 1n << BigInt(ProtocolFeature[feature]);
    if ((registers.protocol & bit) !== 0n) return;
    const asked = this.trace.some(
      (s, i) =>
        i < due.step &&
        (s.do === 'call' || s.do === 'send') &&
        this.requests.get(i)?.req.name === 'SET_PROTOCOL_FEATURES' &&
        (this.requests.get(i)!.req.value & bit) !== 0n,
    );
    const refusedBefore = registers.refused.has(req.name);
    if (observed.output === 'ack error') registers.refused.add(req.name);
    if (!asked || !refusedBefore) return;
    this.reach(['features.only-offered']);
    if (observed.output !== 'ack 0') return;
    this.fail(event.on, {
      clause: 'features.only-offered',
      step: event.step,
      expected: [`${feature} was not offered: an error, as before it was asked for`],
      observed: `${req.name} succeeds since SET_PROTOCOL_FEATURES asked for it`,
      situation: '',
      about: req.name,
    });
  }

  private ownChannel(event: Extract<HistoryEvent, { type: 'message' }>, track: Track, at: number): void {
    const step = this.trace[at];
    const request = this.requests.get(at);
    this.reach(['set.own-channel']);
    if (request === undefined || (step?.do !== 'call' && step?.do !== 'send')) return;
    if (!usable(event, request.req.direction)) {
      return this.fail(event.on, {
        clause: 'set.own-channel',
        step: at,
        expected: [`a descriptor that can be ${request.req.direction === 'save' ? 'read' : 'written'}`],
        observed: `one that can only be ${event.descriptors[0]?.access === 'read' ? 'read' : 'written'}`,
        situation: request.req.direction,
        about: 'SET_DEVICE_STATE_FD',
      });
    }
    const thing = step.channel === undefined ? undefined : this.things.get(step.channel);
    if (thing === undefined || step.channel === undefined) {
      // Nobody uses the end that was sent, so nothing is known of what goes through it.
      return track.change((s) => ({ ...s, muddled: 'yes' }), at);
    }
    thing.replaced = true;
    thing.written = [];
    thing.read = 0;
    thing.reads = 0;
    thing.open.clear();
    thing.open.add(endOf(step.channel));
    thing.channelOf = { session: event.on, end: 'own', direction: request.req.direction, step: at };
    this.channels.set(event.on, thing);
    // What was written before the reply came went into our own channel, which both sides discard.
    track.change((s) => ({ ...s, end: 'open', content: 'unknown' }), at);
  }

  private checked(track: Track, good: boolean): void {
    const [state] = track.states;
    if (state === undefined || state.transfer === 'none') return;
    const { transfer, content } = state;
    if (transfer === 'save' && good)
      for (const saved of this.saved.values())
        if (saved.session === track.name && track.follows(saved.via)) saved.good = true;
    if (track.all((s) => s.muddled === 'no')) {
      const last = this.channels.get(track.name);
      const thing = track.follows(last?.channelOf?.step) ? last : undefined;
      this.device(track.name).checked(
        transfer,
        good,
        content === 'valid' && thing !== undefined ? total(thing) : undefined,
      );
    } else this.device(track.name).unknown();
  }

  private gone(on: string, track: Track, step: number): void {
    if (track.lost) return;
    // A process on its way out may still accept: that is judged by how it ended.
    if (track.connections > 1 && track.answered === 0 && this.history.sessions[on]?.exit !== undefined)
      track.lost = true;
    else this.fail(on, track.closed(step), 'end');
  }

  private garbage(event: Extract<HistoryEvent, { type: 'garbage' }>, track: Track): void {
    const text = {
      'cut-off': 'the connection ended within a message',
      oversize: 'a message of an impossible size',
      flood: 'a flood of messages',
    }[event.reason];
    const doubtful = event.reason === 'cut-off' && !track.all((s) => s.link === 'up');
    if (doubtful) return;
    this.fail(
      event.on,
      {
        clause: event.reason === 'flood' ? 'communication.no-unasked-reply' : 'header.reply-size',
        step: event.step,
        expected: ['whole messages, only where one is due'],
        observed: text,
        situation: '',
        about: track.last === undefined ? 'connect' : requestName(track.last.number),
      },
      'end',
    );
  }

  private disconnect(on: string): void {
    const track = this.track(on);
    track.change(left);
    this.device(on).left();
    // Whatever the back-end had not answered is answered to nobody.
    track.forgive();
  }

  private reconnect(track: Track): void {
    track.change(reconnected);
    track.forgive();
    track.registers = newRegisters();
    track.connections++;
    track.answered = 0;
    track.flawedAt = undefined;
    track.last = undefined;
    for (const thing of this.things.all.values()) {
      if (thing.channelOf?.session !== track.name) continue;
      delete thing.channelOf;
      thing.orphan = true;
    }
    this.reach(['robust.reconnect']);
  }

  private refused(event: Extract<HistoryEvent, { type: 'refused' }>, track: Track): void {
    const ended = this.history.sessions[event.on]?.exit !== undefined;
    if (ended || this.trace[event.step]?.do !== 'connect' || track.lost) {
      track.lost = true;
      return;
    }
    this.fail(event.on, {
      clause: 'robust.reconnect',
      step: event.step,
      expected: ['the connection is accepted: the process goes on'],
      observed: `connect failed: ${event.error}`,
      situation: '',
      about: 'connect',
    });
  }

  private kick(name: string): void {
    this.kickedThings.add(thingOf(name));
    for (const use of this.things.get(name)?.uses ?? []) {
      const match = /^SET_VRING_KICK (\d+)$/.exec(use.role);
      if (match === null) continue;
      const ring = Number(match[1]);
      const track = this.track(use.session);
      this.device(use.session).dirty();
      if (ring === 0 || ring === 1) track.change((s) => kicked(s, ring as Ring));
    }
  }

  private close(name: string, shutdown?: 'read' | 'write' | 'both'): void {
    const thing = this.things.get(name);
    if (thing === undefined) return;
    const ends = name.includes('.') ? [endOf(name)] : [...thing.open];
    for (const end of ends) {
      if (shutdown === undefined) thing.open.delete(end);
      else if (shutdown !== 'read') thing.ended.add(end);
    }
    const of = thing.channelOf;
    if (of === undefined) return;
    const track = this.track(of.session);
    this.transition(of.session, 'close');
    if (of.direction === 'load') {
      const over = thing.replaced
        ? !thing.open.size || (shutdown !== undefined && shutdown !== 'read')
        : this.things.writersGone(thing);
      if (!over) return;
      if (thing.replaced) {
        const content = this.content(thing, total(thing));
        track.change((s) => wroteAll(s, content), of.step);
      } else this.loaded(thing);
    } else if (thing.kind === 'pipe' || thing.kind === 'socketpair') {
      const readerGone =
        shutdown === undefined
          ? thing.kind === 'pipe' && !thing.replaced
            ? !thing.open.has('r')
            : !thing.open.size || !ends.every((e) => e === of.end)
          : shutdown !== 'write' && ends.some((e) => e !== of.end);
      if (!readerGone) return;
      track.change((s) => abandoned(s, this.cut(thing, of.session)), of.step);
      if (track.earlyClose) this.reach(['channel.early-close']);
    }
  }

  /** Whether a save cannot have put its whole state into the channel: a whole state is known, and is larger. */
  private cut(thing: Thing, session: string): boolean {
    if (thing.kind !== 'pipe' || thing.replaced || thing.nonblock) return false;
    const sizes = [...this.saved.values()].filter((s) => s.good && s.session === session).map((s) => s.bytes.length);
    if (sizes.length === 0) return false;
    const capacity = Math.max(thing.size, 65_536) + 4096;
    return Math.min(...sizes) > thing.read + capacity;
  }

  private wrote(event: Extract<HistoryEvent, { type: 'wrote' }>, step: Step | undefined): void {
    if (step?.do !== 'write') return;
    const whole = this.things.wrote(step, event.bytes, this.states);
    const thing = this.things.get(step.name);
    const of = thing?.channelOf;
    if (thing === undefined || of === undefined || of.direction !== 'load') return;
    const track = this.track(of.session);
    this.reach(['channel.load-to-eof']);
    this.transition(of.session, `write ${this.content(thing, total(thing))}`);
    if (event.outcome === 'gone') {
      const content = this.content(thing, whole);
      track.change((s) => readerLeft(s, content), of.step);
    } else if (event.outcome === 'blocked') this.blockedWrite(event, track, thing);
    else this.filled(thing);
  }

  private blockedWrite(event: Extract<HistoryEvent, { type: 'wrote' }>, track: Track, thing: Thing): void {
    const sure =
      track.follows(thing.channelOf?.step) &&
      track.all(
        (s) =>
          s.transfer === 'load' && s.checked === 'no' && s.sink === 'good' && s.muddled === 'no' && s.link === 'up',
      );
    const owed = track.candidates.some(({ due }) => due.some((d) => d.number === Request.SET_DEVICE_STATE_FD));
    if (!sure || owed || track.lost) return;
    this.fail(track.name, {
      clause: 'channel.load-to-eof',
      step: event.step,
      expected: ['the back-end reads the channel until the end of file'],
      observed: `it stopped reading: ${total(thing).length} bytes taken, nothing more for ${this.history.deadlineMs} ms`,
      situation: 'load',
      about: 'write',
    });
  }

  private read(event: Extract<HistoryEvent, { type: 'read' }>, step: Step | undefined): void {
    if (step?.do !== 'read') return;
    const thing = this.things.get(step.name);
    const bytes = step.into === undefined ? undefined : this.history.states[step.into];
    if (step.into !== undefined && bytes !== undefined) this.states.set(step.into, bytes);
    if (thing === undefined) return;
    const first = thing.reads === 0;
    thing.reads++;
    thing.read += event.bytes;
    const of = thing.channelOf;
    if (of === undefined || of.direction !== 'save') return;
    const track = this.track(of.session);
    this.transition(of.session, `read ${event.outcome}`);
    const file = thing.kind === 'memfd' || thing.kind === 'file';
    const mine =
      track.follows(of.step) && track.all((s) => s.transfer === 'save' && s.muddled === 'no' && s.sink === 'good');
    if (event.outcome === 'eof') {
      if (!file) {
        this.reach(['channel.save-eof', 'channel.save-all']);
        track.change(sawEof, of.step);
      }
      // What we wrote into it ourselves is in it too.
      const whole =
        mine &&
        first &&
        total(thing).length === 0 &&
        (!file || (thing.offset === 0 && track.all((s) => s.checked === 'ok')));
      if (whole && step.into !== undefined && bytes !== undefined && !track.lost) {
        this.saved.set(step.into, {
          bytes,
          session: of.session,
          via: of.step,
          good: track.all((s) => s.checked === 'ok'),
        });
        const special = track.all((s) => s.kind === 'special');
        for (const finding of this.device(of.session).saved(bytes, event.step, special)) {
          this.reach([finding.clause]);
          this.fail(of.session, finding.failure);
        }
      }
      return;
    }
    if (event.outcome !== 'blocked' && event.outcome !== 'endless') return;
    const ourCopy =
      thing.kind === 'pipe' && !thing.replaced
        ? thing.open.has('w')
        : thing.kind === 'socketpair' && !thing.replaced
          ? thing.open.has(of.end)
          : false;
    const owed = track.candidates.some(({ due }) => due.some((d) => d.number === Request.SET_DEVICE_STATE_FD));
    if (!mine || ourCopy || owed || file || track.lost || !track.all((s) => s.link === 'up' && s.end === 'open'))
      return;
    this.reach(['channel.save-eof']);
    this.fail(of.session, {
      clause: 'channel.save-eof',
      step: event.step,
      expected: ['the whole state, then end of file'],
      observed:
        event.outcome === 'endless'
          ? `no end after ${event.bytes} bytes`
          : `${event.bytes} bytes, then neither bytes nor end of file for ${this.history.deadlineMs} ms`,
      situation: 'save',
      about: 'read',
    });
  }

  private signal(event: Extract<HistoryEvent, { type: 'signal' }>, track: Track): void {
    const thing = this.things.get(event.name);
    const ambiguous =
      this.kickedThings.has(thingOf(event.name)) || thing?.uses.some(({ role }) => role.startsWith('SET_VRING_KICK'));
    if (ambiguous || track.lost) return;
    this.reach(['suspended.no-notify']);
    if (!track.suspended || this.suspendedBefore.get(event.on) === false) return;
    const step = this.trace[event.step];
    this.fail(event.on, {
      clause: 'suspended.no-notify',
      step: event.step,
      expected: ['no notification while all rings are stopped'],
      observed: `the call or error descriptor ${event.name} was signalled`,
      situation: '',
      about: thing?.uses[0]?.role.replace(/ \d*$/, '') ?? labelOf(step),
    });
  }

  private unasked(event: Extract<HistoryEvent, { type: 'backend-message' }>, track: Track): void {
    this.reach(['suspended.no-message']);
    if (track.lost || !track.suspended || this.suspendedBefore.get(event.on) === false) return;
    this.fail(event.on, {
      clause: 'suspended.no-message',
      step: event.step,
      expected: ['no message to the front-end while all rings are stopped'],
      observed: `message ${event.request} on the back-end channel`,
      situation: '',
      about: labelOf(this.trace[event.step]),
    });
  }

  private held(event: Extract<HistoryEvent, { type: 'held' }>, track: Track): void {
    this.reach(['robust.no-fd-leak']);
    const settled = !track.lost && track.all((s) => s.muddled === 'no' && s.link !== 'wild');
    const names = heldTooLong(event, this.things, {
      session: event.on,
      settled,
      running: !track.all((s) => s.transfer === 'none' || s.checked !== 'no'),
      steps: this.trace.length,
    });
    if (names.length === 0) return;
    const roles = [
      ...new Set(names.map((name) => this.things.get(name)?.uses[0]?.role.replace(/ \d*$/, '') ?? 'unknown')),
    ];
    this.verdicts.add({
      clause: 'robust.no-fd-leak',
      step: event.step,
      on: event.on,
      expected: [
        event.parted
          ? 'every descriptor of ours is closed once we have left'
          : 'the descriptor is closed when it has served',
      ],
      observed: `the back-end still holds ${names.join(', ')} (from ${roles.join(', ')})`,
      signature: [roles.join(','), event.parted ? 'after disconnect' : ''],
      cause: `held ${roles.join(',')}`,
    });
  }

  private endings(): void {
    for (const [name, track] of this.tracks) {
      const facts = this.history.sessions[name];
      if (facts !== undefined) {
        this.reach(
          judgeProcess(name, facts, track, this.history, this.trace, this.verdicts, (i) =>
            labelOf(this.trace[i], this.requests.get(i)?.req.flaw),
          ),
        );
      }
    }
  }
}

/** A ring that is started at an index which its zero-filled memory does not have: what is processed then is garbage. */
const outOfIndex = (req: Req, registers: Registers): boolean =>
  req.name === 'SET_VRING_KICK' && req.ring !== 'other' && registers.ring[req.ring].index !== 0;

const kindOf = (observed: string): string =>
  observed.startsWith('nothing within') ? 'quiet' : observed.includes('closed the connection') ? 'closed' : '';

/** Judge a history: which clauses were reached, and which of them fail. */
export function judge(trace: Trace, history: History, options: JudgeOptions): Judgement {
  return new Judge(trace, history, options).run();
}
