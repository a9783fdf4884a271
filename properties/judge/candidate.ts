/** Explanations of what was seen: model states, and the replies that are due in them. */
import type { ClauseId } from '../../model/clauses/index.js';
import {
  type CheckRuling,
  checkRule,
  type Output,
  type Req,
  type Ruling,
  type SessionState,
  session,
  transferring,
} from '../../model/session/index.js';
import type { Observed } from './observed.js';

/** A reply that is due. */
export interface Due {
  readonly req: Req;
  readonly number: number;
  readonly step: number;
  readonly output: Output;
  readonly ruling: Ruling;
  /** The transfer that there was when the request went out. */
  readonly via: number;
  /** CHECK: the channel was not at its end when it went out. */
  readonly early: boolean;
}

/** One explanation: a state, and the replies that are due in it, oldest first. */
export interface Candidate {
  readonly state: SessionState;
  readonly due: readonly Due[];
  /** The step of the SET_DEVICE_STATE_FD that began its transfer; -1 without one. */
  readonly via: number;
  /** The step of the last message over which the back-end may close the connection; -1 without one. */
  readonly doubtAt: number;
}

/** Why no explanation is left. */
export interface Failure {
  readonly clause: ClauseId;
  readonly step: number;
  readonly expected: readonly string[];
  readonly observed: string;
  /** The situation that the rule looked at. */
  readonly situation: string;
  /** The message that it is about. */
  readonly about: string;
}

/** A message that went out, and what the rules said of it. */
export interface Sent {
  readonly req: Req;
  readonly step: number;
  readonly ruling: Ruling;
  readonly number: number;
  /** The back-end may close the connection over it, whatever explains it so far. */
  readonly doubtful: boolean;
  /** It may, in some explanation. */
  readonly mayEnd: boolean;
}

/** What was matched. */
export interface Match {
  readonly due: Due;
  readonly observed: Extract<Observed, { output: Output }>;
  /** Clauses that the answer to CHECK_DEVICE_STATE was held against. */
  readonly reached: readonly ClauseId[];
}

/** What makes two explanations one. */
export const keyOf = ({ state, due, via, doubtAt }: Candidate): string =>
  `${session.key(state)}|${via}|${doubtAt}|${due.map((d) => `${d.step}${d.output}`).join()}`;

/** Nobody will be told any more: a transfer whose request was never answered is not known to have begun. */
export const unbegun = (candidate: Candidate): Candidate => ({
  ...candidate,
  due: [],
  via: candidate.due.some(({ step }) => step === candidate.via) ? -1 : candidate.via,
});

/** What CHECK may say: of a transfer that another one has taken the place of since, anything. */
export function checkOf(candidate: Candidate, due: Due): CheckRuling {
  if (due.via !== candidate.via) {
    return { allowed: ['check 0', 'check error'], mayWait: true, clause: 'check.value', situation: 'overlapping' };
  }
  const now = checkRule(candidate.state);
  // It may have been answered before the channel came to its end, and only be read now.
  const before = due.early && candidate.state.end === 'eof' && !now.allowed.includes('check error');
  if (!before) return now;
  return {
    ...now,
    allowed: [...now.allowed, 'check error'],
    answer: { ...now.answer, 'check error': ['open.check-before-eof', 'error'] },
  };
}

/** An answer that the rule leaves open shows nothing. */
export function heldAgainst(candidate: Candidate, due: Due): readonly ClauseId[] {
  const { state, via } = candidate;
  const { allowed, clause } = checkOf(candidate, due);
  const known = due.via === via && state.muddled === 'no' && transferring(state);
  return [...(known ? (['check.waits'] as const) : []), ...(allowed.length === 1 ? [clause] : [])];
}
