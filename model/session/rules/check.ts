/** The answer to CHECK_DEVICE_STATE, judged against what is known when it is seen (seed; vhost-user.rst, message 43). */
import type { ClauseId } from '../../clauses/index.js';
import type { Outcome } from '../label.js';
import type { SessionState } from '../state.js';

/** What CHECK may say now. */
export interface CheckRuling {
  /** Allowed answers, with the open question that each answers. */
  readonly allowed: readonly ('check 0' | 'check error')[];
  /** No answer yet is explained. */
  readonly mayWait: boolean;
  /** The clause that another answer breaks. */
  readonly clause: ClauseId;
  readonly answer?: Readonly<Partial<Record<'check 0' | 'check error', Outcome['answer']>>>;
  readonly situation: string;
}

const BOTH = ['check 0', 'check error'] as const;
const GOOD = ['check 0'] as const;
const BAD = ['check error'] as const;

function save(s: SessionState): Omit<CheckRuling, 'situation'> {
  if (s.sink === 'doomed') return { allowed: BAD, mayWait: false, clause: 'check.truth-save' };
  if (s.sink === 'odd') return { allowed: BOTH, mayWait: true, clause: 'check.value' };
  if (s.end === 'broken') {
    return s.content === 'cut'
      ? { allowed: BAD, mayWait: false, clause: 'check.truth-save' }
      : { allowed: BOTH, mayWait: false, clause: 'check.value' };
  }
  if (s.kind === 'file') return { allowed: GOOD, mayWait: false, clause: 'channel.any-kind' };
  if (s.end === 'open') {
    return {
      allowed: BOTH,
      mayWait: true,
      clause: 'check.value',
      answer: { 'check error': ['open.check-before-eof', 'error'] },
    };
  }
  return { allowed: GOOD, mayWait: false, clause: s.kind === 'special' ? 'channel.any-kind' : 'check.value' };
}

function load(s: SessionState): Omit<CheckRuling, 'situation'> {
  if (s.sink === 'doomed') return { allowed: BAD, mayWait: false, clause: 'check.truth-load' };
  if (s.sink === 'odd') return { allowed: BOTH, mayWait: true, clause: 'check.value' };
  if (s.end === 'open') {
    return {
      allowed: BAD,
      mayWait: true,
      // Whatever it has read so far: more may come, and it cannot know the result.
      clause: 'check.waits',
      answer: { 'check error': ['open.check-before-eof', 'error'] },
    };
  }
  if (s.end === 'broken') {
    // The back-end left before it had read everything: then it cannot have been a success, nor was a good state at fault.
    return s.content === 'valid'
      ? { allowed: [], mayWait: false, clause: s.kind === 'special' ? 'channel.any-kind' : 'channel.load-to-eof' }
      : { allowed: BAD, mayWait: false, clause: 'channel.load-to-eof' };
  }
  switch (s.content) {
    case 'valid': {
      // What a device that was used already makes of a state is its own affair, but for a retry.
      if (s.used === 'yes') return { allowed: BOTH, mayWait: false, clause: 'check.value' };
      if (s.kind !== 'pipe') return { allowed: GOOD, mayWait: false, clause: 'channel.any-kind' };
      return { allowed: GOOD, mayWait: false, clause: s.earlier === 'failed' ? 'outcome.retry' : 'check.value' };
    }
    case 'truncated':
    case 'foreign':
      return { allowed: BAD, mayWait: false, clause: 'check.truth-load' };
    case 'damaged':
      return { allowed: BAD, mayWait: false, clause: 'check.integrity' };
    case 'trailing':
      return {
        allowed: BOTH,
        mayWait: false,
        clause: 'check.value',
        answer: { 'check 0': ['open.trailing-data', 'accept'], 'check error': ['open.trailing-data', 'reject'] },
      };
    case 'empty':
      return {
        allowed: BOTH,
        mayWait: false,
        clause: 'check.value',
        answer: { 'check 0': ['open.empty-state', 'accept'], 'check error': ['open.empty-state', 'reject'] },
      };
    default:
      return { allowed: BOTH, mayWait: false, clause: 'check.value' };
  }
}

/** What CHECK_DEVICE_STATE may say in this state. */
export function checkRule(s: SessionState): CheckRuling {
  if (s.link === 'wild') return { allowed: BOTH, mayWait: true, clause: 'check.value', situation: 'wild' };
  if (s.transfer === 'none') {
    return {
      allowed: BOTH,
      mayWait: false,
      clause: 'check.value',
      situation: 'no transfer',
      answer: { 'check 0': ['open.check-without-set', 'success'], 'check error': ['open.check-without-set', 'error'] },
    };
  }
  if (s.muddled === 'yes') return { allowed: BOTH, mayWait: true, clause: 'check.value', situation: 'overlapping' };
  const situation = [s.transfer, s.sink === 'good' ? '' : s.sink, s.end, s.transfer === 'load' ? s.content : '']
    .filter((word) => word !== '')
    .join(' ');
  if (s.checked !== 'no') {
    return {
      allowed: s.checked === 'ok' ? BOTH : BAD,
      mayWait: false,
      clause: s.transfer === 'save' ? 'check.truth-save' : 'check.truth-load',
      situation: `${situation} again`,
      answer: {
        'check 0': ['open.check-twice', 'same'],
        ...(s.checked === 'ok' ? { 'check error': ['open.check-twice', 'error'] as const } : {}),
      },
    };
  }
  return { ...(s.transfer === 'save' ? save(s) : load(s)), situation };
}

/** CHECK said this. @param early it was asked before the channel was at its end */
export function checkedAs(s: SessionState, output: 'check 0' | 'check error', early = s.end === 'open'): SessionState {
  if (s.transfer === 'none' || s.checked !== 'no') return s;
  // An error before the end (open.check-before-eof) may have ended the transfer, or only said that it is not over.
  if (output === 'check error' && early && s.sink !== 'doomed' && s.kind !== 'file') return { ...s, muddled: 'yes' };
  return {
    ...s,
    checked: output === 'check 0' ? 'ok' : 'error',
    used: s.transfer === 'load' && output === 'check 0' ? 'yes' : s.used,
  };
}
