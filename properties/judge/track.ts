/** One session as the judge follows it: the set of model states that explain what was seen. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { CheckRuling, Output } from '../../model/session/index.js';
import {
  checkedAs,
  gone,
  type Req,
  type Ruling,
  rule,
  type SessionState,
  session,
  suspended,
} from '../../model/session/index.js';
import { Agreement, type Answered } from './answers.js';
import { closedEarly, unanswered, unexplained } from './blame.js';
import {
  type Candidate,
  checkOf,
  type Due,
  type Failure,
  heldAgainst,
  keyOf,
  type Match,
  type Sent,
  unbegun,
} from './candidate.js';
import { type MessageEvent, observe } from './observed.js';
import { newRegisters, type Registers } from './registers.js';

/** More explanations than this are no explanation: the session is then not judged any further. */
const MOST = 2_000;

/** The answer that a variant pins for a question, if it pins one. */
export type Variants = Readonly<Record<string, string>>;

export class Track {
  candidates: readonly Candidate[];
  registers: Registers = newRegisters();
  /** A violation was found, or nothing is known any more: nothing further is judged. */
  lost = false;
  /** It was the end of the connection that ended judging. */
  lostByEnd = false;
  /** The last message that went out, and what the rules said of it. */
  last: Sent | undefined;
  /** Messages that went out since the last reply, oldest first: what an end of the connection may be about. */
  unanswered: Sent[] = [];
  /** Messages that are not well formed and went out on this connection. */
  flawed: Sent[] = [];
  /** A message went out in pieces on this connection: whoever took a piece for the whole is out of step from there on. */
  fragmented = false;
  /** Nothing was answered since CHECK_DEVICE_STATE told of a save. */
  savedLast = false;
  /** What the last reply was to. */
  matched: Due | undefined;
  answered = 0;
  connections = 1;
  /** Answers of open questions that every explanation agrees on come from here. */
  readonly answers = new Map<string, string>();

  constructor(
    readonly name: string,
    private readonly variants: Variants,
  ) {
    this.candidates = [{ state: session.initial, due: [], via: -1, doubtAt: -1 }];
  }

  get states(): readonly SessionState[] {
    return this.candidates.map(({ state }) => state);
  }
  all(test: (s: SessionState) => boolean): boolean {
    return this.candidates.every(({ state }) => test(state));
  }
  get suspended(): boolean {
    return !this.lost && this.all((s) => suspended(s) && s.link !== 'wild');
  }

  /** Something happened that changes every explanation; with `via`, those whose transfer began at that step. */
  change(f: (s: SessionState) => SessionState | readonly SessionState[], via?: number): void {
    this.set(
      this.candidates.flatMap((candidate) => {
        if (via !== undefined && candidate.via !== via) return [candidate];
        const next = f(candidate.state);
        const all = Array.isArray(next) ? (next as readonly SessionState[]) : [next as SessionState];
        return all.map((state) => ({ ...candidate, state }));
      }),
    );
  }

  /** Nothing is due any more: whoever would have been told is gone. */
  forgive(): void {
    this.candidates = this.candidates.map(unbegun);
  }

  /** The transfer that began at this step is the one that every explanation follows. */
  follows(via: number | undefined): boolean {
    return via !== undefined && this.candidates.every((candidate) => candidate.via === via);
  }

  private set(candidates: readonly Candidate[]): void {
    const unique = new Map(candidates.map((candidate) => [keyOf(candidate), candidate]));
    this.candidates = [...unique.values()];
    if (this.candidates.length > MOST) this.lost = true;
  }

  private permitted(answer: readonly [string, string] | undefined, onlyPinned = false): boolean {
    if (answer === undefined) return true;
    const pinned = this.variants[answer[0]];
    return pinned === undefined ? !onlyPinned : pinned === answer[1];
  }

  private permittedCheck(check: CheckRuling, output: 'check 0' | 'check error'): boolean {
    const answer = check.answer?.[output];
    if (answer === undefined) return true;
    const pinned = this.variants[answer[0]];
    // The last result again may be either of them.
    return pinned === undefined || pinned === 'last' || pinned === answer[1];
  }

  /** A message went out. @returns the clauses that it reaches. */
  sent(req: Req, number: number, step: number): readonly ClauseId[] {
    const reached = new Set<ClauseId>();
    const next: Candidate[] = [];
    let first: Ruling | undefined;
    for (const { state, due, via, doubtAt } of this.candidates) {
      // Whether this very message casts doubt on the connection shows where there was none before.
      const ruling = rule(state.link === 'doubtful' ? { ...state, link: 'up' } : state, req);
      first ??= ruling;
      if (ruling.outcomes.every(({ next: after }) => after.link === 'wild')) {
        next.push({ state: { ...state, link: 'wild' }, due: [], via, doubtAt });
        continue;
      }
      // A pinned answer that this rule does not have to choose leaves its outcomes as they are.
      const permitted = ruling.outcomes.filter((o) => this.permitted(o.answer, o.onlyPinned));
      const outcomes = permitted.length > 0 ? permitted : ruling.outcomes;
      for (const clause of ruling.clauses) reached.add(clause);
      for (const { next: after, output } of outcomes) {
        const owed =
          output === 'none' ? due : [...due, { req, number, step, output, ruling, via, early: state.end === 'open' }];
        next.push({
          state: state.link === 'doubtful' && after.link === 'up' ? { ...after, link: 'doubtful' } : after,
          due: owed,
          via: output.startsWith('set ok') ? step : via,
          doubtAt: after.link === 'doubtful' ? step : doubtAt,
        });
      }
    }
    const doubtful = req.flaw !== '' || next.every(({ state }) => state.link !== 'up');
    const mayEnd = doubtful || next.some(({ doubtAt }) => doubtAt === step);
    this.last = { req, step, ruling: first!, number, doubtful, mayEnd };
    this.unanswered = [...this.unanswered.slice(-100), this.last];
    if (req.flaw !== '') this.flawed = [...this.flawed.slice(-100), this.last];
    if (req.fragmented) this.fragmented = true;
    this.set(next);
    return [...reached];
  }

  /** A message went out after judging ended: only what an end of the process may be about is remembered. */
  sentUnjudged(req: Req, number: number, step: number): void {
    const ruling: Ruling = { outcomes: [], clauses: [], blame: {}, situation: '' };
    const doubtful = req.flaw !== '' || req.name === 'UNKNOWN';
    this.last = { req, step, ruling, number, doubtful, mayEnd: doubtful };
    if (req.fragmented) this.fragmented = true;
    this.unanswered = [...this.unanswered.slice(-100), this.last];
  }
  messageUnjudged(number: number): void {
    const index = this.unanswered.findIndex((sent) => sent.number === number);
    this.unanswered = this.unanswered.slice(index + 1);
  }

  /** The due replies that may come next: the oldest, and behind an unanswered CHECK the others too. */
  private next(candidate: Candidate): readonly { readonly due: Due; readonly index: number }[] {
    const out: { due: Due; index: number }[] = [];
    for (const [index, due] of candidate.due.entries()) {
      out.push({ due, index });
      if (this.variants['open.behind-check'] === 'after') break;
      // What came before the channel ended may only be read now.
      if (due.output !== 'check' || !(due.early || checkOf(candidate, due).mayWait)) break;
    }
    return out;
  }

  /** A message came. @returns what it matched, or why nothing explains it. */
  message(event: MessageEvent): Match | Failure | undefined {
    // What was under way when we left is nobody's.
    if (this.all((s) => s.link === 'left')) return undefined;
    const next: Candidate[] = [];
    const agreement = new Agreement();
    let match: Match | undefined;
    for (const candidate of this.candidates) {
      if (candidate.state.link === 'wild') {
        next.push(candidate);
        agreement.add([]);
        continue;
      }
      for (const { due, index } of this.next(candidate)) {
        if (due.number !== event.request) continue;
        for (const observed of observe(event, due.req)) {
          if (!('output' in observed)) continue;
          const accepted = this.accept(candidate, due, observed);
          if (accepted === undefined) continue;
          const { state, answers } = accepted;
          next.push({ ...candidate, state, due: candidate.due.filter((_, i) => i !== index) });
          match ??= { due, observed, reached: due.output === 'check' ? heldAgainst(candidate, due) : [] };
          agreement.add(index > 0 ? [...answers, ['open.behind-check', 'before']] : answers);
        }
      }
    }
    if (next.length === 0) return unexplained(this, event);
    this.answered++;
    for (const [question, answer] of agreement.agreed()) this.answers.set(question, answer);
    this.set(next);
    if (match !== undefined) this.matched = match.due;
    if (match !== undefined) this.savedLast = match.due.output === 'check' && this.all((s) => s.transfer === 'save');
    const upTo = match?.due.step ?? -1;
    this.unanswered = this.unanswered.filter(({ step }) => step > upTo);
    return match;
  }

  /** @returns what is known behind this reply, and the answers to open questions that it is; undefined where it does not fit. */
  private accept(
    candidate: Candidate,
    due: Due,
    { output, high }: { output: Output; high?: bigint },
  ): { readonly state: SessionState; readonly answers: readonly Answered[] } | undefined {
    const { state } = candidate;
    const settled = (s: SessionState): SessionState =>
      s.link === 'doubtful' && candidate.doubtAt < due.step && !output.endsWith('error') ? { ...s, link: 'up' } : s;
    if (due.output === 'check') {
      if (output !== 'check 0' && output !== 'check error') return undefined;
      const check = checkOf(candidate, due);
      if (!check.allowed.includes(output) || !this.permittedCheck(check, output)) return undefined;
      const answer = check.answer?.[output];
      const answers = answer === undefined ? [] : [answer];
      if (due.via !== candidate.via) return { state: settled(state), answers };
      return { state: settled(checkedAs(state, output, due.early)), answers };
    }
    if (due.output !== output) return undefined;
    const answer = due.ruling.outcomes.find((outcome) => outcome.output === output)?.answer;
    const bits: readonly Answered[] =
      output === 'set error' && high !== undefined ? [['open.high-bits', high === 0n ? 'zero' : 'set']] : [];
    return { state: settled(state), answers: answer === undefined ? bits : [answer, ...bits] };
  }

  /** Nothing more came, though something was waited for. */
  quiet(step: number, waitedMs: number): Failure | undefined {
    const next = this.candidates.filter(
      (candidate) =>
        candidate.state.link === 'wild' ||
        candidate.due.length === 0 ||
        (candidate.due[0]!.output === 'check' && checkOf(candidate, candidate.due[0]!).mayWait),
    );
    if (next.length > 0) {
      this.set(next);
      return undefined;
    }
    // The explanation that asks for least: others have replies due that nobody must give.
    const least = this.candidates.reduce((a, b) => (b.due.length < a.due.length ? b : a));
    return unanswered(least, step, waitedMs, this.fragmented);
  }

  /** We closed our end of a save before its end, and nothing was answered since. */
  get earlyClose(): boolean {
    return (
      this.all((s) => s.transfer === 'save' && s.end === 'broken' && s.checked === 'no') &&
      !this.fragmented &&
      this.unanswered.every(({ mayEnd }) => !mayEnd)
    );
  }
  /** We left in the middle of a transfer. */
  get transferCut(): boolean {
    return this.all((s) => s.transfer !== 'none' && s.checked === 'no' && s.end === 'open');
  }

  /** The message that an end of the connection or of the process is most likely about. */
  get culprit(): Sent | undefined {
    return (
      this.unanswered.find(({ req }) => req.name === 'UNKNOWN') ??
      this.unanswered.find(({ req }) => req.flaw !== '') ??
      this.unanswered.find(({ doubtful }) => doubtful) ??
      this.unanswered.find(({ req }) => req.fragmented) ??
      this.last
    );
  }

  /** The back-end closed the connection. */
  closed(step: number): Failure | undefined {
    const next = this.candidates.filter(({ state }) => state.link !== 'up');
    if (next.length > 0) {
      this.set(next.map((candidate) => ({ ...unbegun(candidate), state: gone(candidate.state) })));
      return undefined;
    }
    return closedEarly(this, step);
  }
}
