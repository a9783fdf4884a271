/** Which clause fails where no explanation is left. */
import type { ClauseId } from '../../model/clauses/index.js';
import { checkRule, type Ruling, type SessionState, suspended, transferring } from '../../model/session/index.js';
import { Request, requestName } from '../../model/wire/index.js';
import { type Candidate, checkOf, type Due, type Failure, type Sent } from './candidate.js';
import { describe, type MessageEvent, observe } from './observed.js';
import { inWords } from './words.js';

/** What is looked at. */
interface Seen {
  /** The explanations before what was seen now. */
  readonly candidates: readonly Candidate[];
  readonly last: Sent | undefined;
  readonly unanswered: readonly Sent[];
  readonly flawed: readonly Sent[];
  readonly matched: Due | undefined;
  readonly answered: number;
  readonly connections: number;
  readonly earlyClose: boolean;
  readonly fragmented: boolean;
  readonly savedLast: boolean;
}

/** A message came that nothing explains. */
export function unexplained(seen: Seen, event: MessageEvent): Failure {
  const observed = describe(event);
  const base = { step: event.step, observed, situation: '', about: requestName(event.request) };
  const numbered = seen.candidates.find((c) => c.due[0]?.number === event.request);
  if (numbered !== undefined) return mismatch(seen, event, numbered, numbered.due[0]!);
  const owing = seen.candidates.find((c) => c.due.length > 0);
  const expected =
    owing === undefined
      ? ['no message']
      : owing.due.slice(0, 1).map((d) => `${requestName(d.number)}: ${inWords(d.output)}`);
  if ((event.flags & 4) === 0)
    return { ...base, clause: 'communication.backend-req', expected: ['no message of its own on this socket'] };
  if (seen.fragmented) return { ...base, clause: 'fragments.whole-stream', expected };
  const late = answersFlawed(seen, event);
  if (late !== undefined) return late;
  if (owing?.due.some((d) => d.number === event.request)) return { ...base, clause: 'communication.order', expected };
  const needless = superfluous(seen, event);
  if (owing !== undefined && needless !== undefined) return { ...base, clause: needless, expected };
  if (owing !== undefined) return { ...base, clause: 'header.reply-id', expected };
  const twice = seen.last?.req.needReply === true && seen.last.number === event.request && ownReply(seen.last.ruling);
  return { ...base, clause: twice ? 'reply-ack.no-change' : 'communication.no-unasked-reply', expected };
}

/** One reply too many: it was a malformed message that got one which it must not get, and others were taken for it. */
function answersFlawed({ flawed }: Seen, event: MessageEvent): Failure | undefined {
  for (const { req, number, step, ruling } of flawed) {
    if (number !== event.request) continue;
    for (const seen of observe(event, req)) {
      const clause = 'output' in seen ? ruling.blame[seen.output] : undefined;
      if (clause === undefined) continue;
      const expected = [...new Set(ruling.outcomes.map(({ output }) => inWords(output)))];
      const { situation } = ruling;
      return { clause, step, expected, observed: describe(event), situation, about: requestName(number) };
    }
  }
  return undefined;
}

/** A reply that comes in between: to a message that has none, or a second one to a message that was answered. */
function superfluous({ matched, unanswered }: Seen, { request, payload }: MessageEvent): ClauseId | undefined {
  if (payload.length === 8 && matched?.number === request && matched.req.needReply && ownReply(matched.ruling))
    return 'reply-ack.no-change';
  const silent = unanswered.some(
    ({ number, req, ruling }) =>
      number === request && req.flaw === '' && ruling.outcomes.every(({ output }) => output === 'none'),
  );
  return silent ? 'communication.no-unasked-reply' : undefined;
}

/** The reply that is due, but not as it has to be. */
function mismatch(seen: Seen, event: MessageEvent, candidate: Candidate, due: Due): Failure {
  const all = observe(event, due.req);
  const first = all[0]!;
  const check = due.output === 'check' ? checkOf(candidate, due) : undefined;
  const dues = seen.candidates.map((c) => c.due[0]).filter((d) => d?.number === event.request) as Due[];
  const expected = [...new Set(check === undefined ? dues.map((d) => inWords(d.output)) : check.allowed.map(inWords))];
  if (check?.mayWait) expected.push('no answer yet');
  if (expected.length === 0) expected.push('that the channel was read to its end, and 0 (success)');
  const base = {
    step: due.step,
    observed: describe(event),
    expected,
    situation: check?.situation ?? due.ruling.situation,
    about: requestName(due.number),
  };
  if (!('output' in first)) return { ...base, clause: first.clause, observed: `${base.observed}: ${first.why}` };
  if (check !== undefined) return { ...base, clause: check.clause };
  if (first.output.startsWith('set ok') && (first.high ?? 0n) !== 0n)
    return { ...base, clause: 'set.reply-error-bits' };
  const blamed = all.map((o) => ('output' in o ? due.ruling.blame[o.output] : undefined)).find((c) => c !== undefined);
  return { ...base, clause: blamed ?? (first.output === 'value' ? 'reply-ack.answer' : 'header.reply-size') };
}

/** Something was waited for, and nothing came. */
export function unanswered({ state, due }: Candidate, step: number, waitedMs: number, fragmented: boolean): Failure {
  const first = due[0]!;
  const blame = first.output === 'check' && !fragmented ? 'check.waits' : blameForSilence(state, first, fragmented);
  return {
    clause: blame,
    step,
    expected: [
      `${requestName(first.number)}: ${first.output === 'check' ? checkRule(state).allowed.map(inWords).join(' or ') : inWords(first.output)}`,
    ],
    observed: `nothing within ${waitedMs} ms`,
    situation:
      first.output === 'check'
        ? checkRule(state).situation
        : blame === 'suspended.answers'
          ? `${state.transfer} ${state.end}`
          : first.ruling.situation,
    about: requestName(first.number),
  };
}

/** Behind a message in pieces nobody may be in step any more. Else a transfer keeps a suspended device from nothing. */
function blameForSilence(state: SessionState, { number, ruling }: Due, fragmented: boolean): ClauseId {
  if (fragmented) return 'fragments.whole-stream';
  const during = transferring(state) && suspended(state) && number !== Request.SET_DEVICE_STATE_FD;
  return during ? 'suspended.answers' : (ruling.blame.quiet ?? 'robust.no-hang');
}

/** The back-end closed the connection, and no explanation allows that. */
export function closedEarly(seen: Seen, step: number): Failure {
  const owing = seen.candidates.find((c) => c.due.length > 0);
  const due = owing?.due[0];
  const about = seen.unanswered.find(({ req }) => req.fragmented) ?? due ?? seen.last;
  const ruling = about?.ruling;
  const base = {
    step: about?.step ?? step,
    expected:
      due === undefined
        ? ['the connection stays']
        : [...new Set(seen.candidates.flatMap((c) => c.due.slice(0, 1)).map((d) => inWords(d.output)))],
    observed: 'the back-end closed the connection',
    situation: ruling?.situation ?? '',
    about: about === undefined ? 'connect' : requestName(about.number),
  };
  if (seen.fragmented) return { ...base, clause: 'fragments.whole-stream' };
  // Whatever was asked since: a campaign asks again whether it was that, or the save.
  if (seen.savedLast && seen.unanswered.every(({ mayEnd }) => !mayEnd))
    return { ...base, clause: 'outcome.resume-source', situation: 'behind a save' };
  if (ruling?.blame.close !== undefined) return { ...base, clause: ruling.blame.close };
  if (seen.answered === 0 && seen.connections > 1) return { ...base, clause: 'robust.reconnect' };
  if (seen.earlyClose && (due === undefined || due.output === 'check'))
    return { ...base, clause: 'channel.early-close', situation: 'save broken' };
  return { ...base, clause: 'communication.close' };
}

const ownReply = (ruling: Ruling): boolean =>
  ruling.outcomes.some(({ output }) => output === 'value' || output === 'check' || output.startsWith('set '));
