/** What all parts of the judge share while one history is judged. */
import type { History, HistoryEvent } from '../../harness/history.js';
import type { Trace } from '../../harness/trace/step.js';
import { situation } from '../../model/session/index.js';
import type { Judgement } from '../finding.js';
import type { Failure } from './candidate.js';
import type { Saved } from './content.js';
import { Device } from './device.js';
import type { Abstracted } from './request.js';
import { signatureOf } from './signature.js';
import { type Thing, Things } from './things.js';
import { Track, type Variants } from './track.js';
import { Verdicts, type Wanted } from './verdicts.js';

export interface JudgeOptions extends Wanted {
  /** Pinned answers of open questions; every other answer is accepted. */
  readonly variants: Variants;
  /** Equal states of two processes are equal byte for byte. */
  readonly comparable: boolean;
}

/** One kind of event. */
export type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { type: T }>;

export class Context {
  /** The sessions as the model follows them. */
  readonly tracks = new Map<string, Track>();
  private readonly devices = new Map<string, Device>();
  readonly things = new Things();
  /** Byte strings by the name that `read` gave them. */
  readonly states = new Map<string, Uint8Array>();
  /** Those of them that are a whole saved state. */
  readonly saved = new Map<string, Saved>();
  /** Requests by step, for what replies to them carry. */
  readonly requests = new Map<number, Abstracted>();
  /** The object that the last transfer of a session goes through. */
  readonly channels = new Map<string, Thing>();
  /** Objects that we signalled ourselves. */
  readonly kicked = new Set<string>();
  /** Whether all rings of a session were stopped when this step began. */
  readonly suspendedBefore = new Map<string, boolean>();
  /** The message before was held back, to be sent together with the next one. */
  glued = false;
  readonly verdicts: Verdicts;
  private readonly reached = new Map<string, number>();
  private readonly transitions: string[] = [];
  private explained: number;

  constructor(
    readonly trace: Trace,
    readonly history: History,
    private readonly options: JudgeOptions,
  ) {
    this.verdicts = new Verdicts(options);
    this.explained = trace.length;
  }

  track(on: string): Track {
    let track = this.tracks.get(on);
    if (track === undefined) {
      track = new Track(on, this.options.variants);
      this.tracks.set(on, track);
      this.devices.set(on, new Device(on, this.options));
    }
    return track;
  }

  device(on: string): Device {
    this.track(on);
    return this.devices.get(on)!;
  }

  reach(clauses: Iterable<string>): void {
    for (const id of clauses) this.reached.set(id, (this.reached.get(id) ?? 0) + 1);
  }

  /** The model takes a step. */
  transition(on: string, label: string): void {
    const state = this.track(on).candidates[0]?.state;
    if (state !== undefined) this.transitions.push(`${situation(state)}|${label}`);
  }

  /** Something that must not be, but after which the session is explained as before: told once for each signature. */
  note(on: string, failure: Failure): void {
    const signature = signatureOf(failure, '');
    this.verdicts.add({ ...failure, on, signature, cause: [failure.clause, ...signature].join(' | ') });
  }

  /**
   * A session is not explained any more. Nothing further is judged of it.
   * @param cause see `Raw`
   */
  fail(on: string, failure: Failure | undefined, cause?: string): void {
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
      signature: signatureOf(failure, flaw),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  judgement(): Judgement {
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
      lost: [...this.tracks].filter(([, { lost }]) => lost).map(([on]) => on),
    };
  }
}
