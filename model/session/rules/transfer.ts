/** SET_DEVICE_STATE_FD (seed; vhost-user.rst, Migrating back-end state and message 42). */
import type { ClauseId } from '../../clauses/index.js';
import type { Outcome, Req, Ruling } from '../label.js';
import { has, type SessionState, suspended, transferring } from '../state.js';
import { asks, doubtful, earlierOf, odd, outcome, type Rule, ruling } from './common.js';

const REPLY: readonly ClauseId[] = [
  'header.version',
  'header.reply-flag',
  'header.reply-id',
  'header.reply-size',
  'set.reply-no-fd-bit',
  'set.no-error-with-fd',
];

/** A transfer begins. */
function begun(s: SessionState, r: Req, channel: 'ours' | 'theirs'): SessionState {
  return {
    ...s,
    transfer: r.direction === 'load' ? 'load' : 'save',
    channel,
    kind: channel === 'theirs' ? 'pipe' : r.kind,
    // Only a channel of the back-end's own makes a bad descriptor of ours harmless.
    sink: channel === 'theirs' ? 'good' : r.sink,
    end: 'open',
    content: 'unknown',
    checked: 'no',
    muddled: transferring(s) ? 'yes' : s.muddled,
    earlier: earlierOf(s),
  };
}

/** Its own entry gives it a reply that tells success from error; that everything is answered during a transfer is said too. */
const unanswered = (s: SessionState): ClauseId =>
  transferring(s) && suspended(s) ? 'suspended.answers' : 'set.reply-error-bits';

/** Refused for what it says: an error, or (open.refusal, against a should) a closed connection. */
function refusal(s: SessionState, clause: ClauseId, situation: string): Ruling {
  return ruling(
    [
      outcome(s, 'set error', ['open.refusal', 'error']),
      { ...outcome(doubtful(s), 'none', ['open.refusal', 'close']), onlyPinned: true },
    ],
    [...REPLY, clause, 'set.reply-error-bits', 'communication.close'],
    {
      'set ok': clause,
      'set ok own': clause,
      close: 'communication.close',
      quiet: unanswered(s),
    },
    situation,
  );
}

/** Malformed, or without its feature: the front-end's mistake. It must not succeed; how it fails is not said. */
function barred(s: SessionState, clause: ClauseId, situation: string): Ruling {
  const next = doubtful(s);
  return ruling(
    [outcome(next, 'set error'), outcome(next, 'none'), outcome(next, 'ack error')],
    [...REPLY, clause],
    { 'set ok': clause, 'set ok own': clause },
    situation,
  );
}

/** Why a back-end may refuse a good request: what the source leaves open. */
function excuse(s: SessionState, r: Req): Outcome['answer'] | undefined {
  if (transferring(s)) return ['open.second-set', 'refuse'];
  if (!suspended(s)) return ['open.enforce-suspended', 'refuse'];
  if (r.direction === 'load' && (s.features === 'none' || s.memory === 'none'))
    return ['open.load-before-features', 'refuse'];
  return undefined;
}

/** And how it answers the same question by accepting. */
const accepting: Readonly<Record<string, string>> = {
  'open.enforce-suspended': 'accept',
};

const set: Rule = (s, r) => {
  if (r.flaw === 'direction') return refusal(s, 'params.direction', 'direction');
  if (r.flaw === 'phase') return refusal(s, 'params.phase', 'phase');
  if (!has(s.negotiated, 'DEVICE_STATE')) return barred(s, 'device-state.negotiated-set', 'unnegotiated');
  if (r.flaw === 'size') return barred(s, 'params.size', 'size');
  if (r.flaw === 'no-fd' || r.flaw === 'many-fds') return barred(s, 'set.one-fd', r.flaw);
  const accepted = [begun(s, r, 'ours'), begun(s, r, 'theirs')] as const;
  if (r.flaw !== '' || r.sink !== 'good') {
    const flawed = odd(s, r, [], ['set error']);
    return {
      ...flawed,
      situation: r.flaw || r.sink,
      clauses: [...REPLY],
      outcomes: [
        outcome(doubtful(accepted[0]), 'set ok'),
        outcome(doubtful(accepted[1]), 'set ok own'),
        ...flawed.outcomes,
      ],
    };
  }
  const why = excuse(s, r);
  const answer: Outcome['answer'] | undefined =
    why === undefined || accepting[why[0]] === undefined ? undefined : [why[0], accepting[why[0]]!];
  const outcomes = [outcome(accepted[0], 'set ok', answer), outcome(accepted[1], 'set ok own', answer)];
  // A transfer that cannot be told apart from a refused second one goes on as it was.
  if (why !== undefined) {
    outcomes.push(outcome(s, 'set error', why));
    outcomes.push({ ...outcome(doubtful(s), 'none', ['open.refusal', 'close']), onlyPinned: true });
  }
  const again = s.earlier === 'failed' || earlierOf(s) !== 'none';
  const blame: ClauseId = r.kind !== 'pipe' ? 'channel.any-kind' : again ? 'outcome.retry' : 'set.reply-error-bits';
  const clauses: ClauseId[] = [...REPLY, 'set.own-channel', 'set.one-fd', 'set.reply-error-bits'];
  if (why === undefined && blame !== 'set.reply-error-bits') clauses.push(blame);
  return ruling(
    outcomes,
    clauses,
    { 'set error': blame, close: 'communication.close', quiet: unanswered(s) },
    blame === 'outcome.retry' ? 'again' : r.kind,
  );
};

/** The negotiated and the parameter checks are independent: with both at fault nobody is told which one it was. */
export const transfer = {
  SET_DEVICE_STATE_FD: ((s, r) =>
    !has(s.negotiated, 'DEVICE_STATE') && r.flaw !== ''
      ? barred(s, 'device-state.negotiated-set', 'unnegotiated')
      : set(s, r)) as Rule,
  CHECK_DEVICE_STATE: ((s, r) => {
    // Whether a transfer that was begun in order may be checked when its feature was taken back since is not said.
    const takenBack = !has(s.negotiated, 'DEVICE_STATE') && s.transfer !== 'none';
    if (!has(s.negotiated, 'DEVICE_STATE') && !takenBack) {
      const next = doubtful(s);
      return ruling(
        [outcome(next, 'check error'), outcome(next, 'none'), outcome(next, 'ack error')],
        ['device-state.negotiated-check'],
        { 'check 0': 'device-state.negotiated-check' },
        'unnegotiated',
      );
    }
    if (r.flaw !== '' || takenBack) {
      const flawed = odd(s, r, [], ['check 0', 'check error']);
      return { ...flawed, outcomes: [...flawed.outcomes, outcome(doubtful(s), 'check')] };
    }
    return asks(s, r, ['check'], s, ['check.value']);
  }) as Rule,
};
