/** The rule of every message, and what holds for all of them. */
import { messages, type RequestName } from '../wire/index.js';
import type { Output, Req, Ruling } from './label.js';
import { odd, outcome, type Rule, ruling } from './rules/common.js';
import { device, other, unknown } from './rules/device.js';
import { negotiation } from './rules/negotiation.js';
import { ringRules } from './rules/rings.js';
import { transfer } from './rules/transfer.js';
import type { SessionState } from './state.js';

const rules: Readonly<Partial<Record<string, Rule>>> = { ...negotiation, ...ringRules, ...device, ...transfer };

const ANY: readonly Output[] = [
  'none',
  'ack 0',
  'ack error',
  'value',
  'value error',
  'empty',
  'echo',
  'set ok',
  'set ok own',
  'set error',
  'check 0',
  'check error',
];

/** Flaws of the header, and descriptors that do not belong: whatever the message, the source says nothing of them. */
const HEADER = new Set(['version', 'reply-flag', 'flags', 'size', 'extra-fds', 'reserved']);

function malformed(s: SessionState, r: Req, whole: Ruling): Ruling {
  const spec = r.name === 'UNKNOWN' ? undefined : messages[r.name];
  const own = spec !== undefined && spec.replies !== 'never';
  const outputs: readonly Output[] = own
    ? [...new Set(whole.outcomes.map(({ output }) => output)), 'value error', 'check error', 'set error']
    : [];
  const done = odd(
    s,
    r,
    whole.outcomes.map(({ next }) => next),
    outputs,
  );
  // A transfer that began in spite of it is a transfer all the same.
  const begun = whole.outcomes.filter(({ output }) => output.startsWith('set ok') || output === 'check');
  return {
    ...done,
    // That nothing comes for what is no proper message is our affair, and not the source's.
    blame: { ...done.blame, ...whole.blame, quiet: 'robust.no-hang' },
    outcomes: [...begun.map((o) => ({ ...o, next: { ...o.next, link: 'doubtful' as const } })), ...done.outcomes],
  };
}

/**
 * What the source allows a back-end to do with a message.
 * @param s the state that the message meets. @param r the message.
 */
export function rule(s: SessionState, r: Req): Ruling {
  if (s.link === 'wild' || r.flaw === 'out-of-frame') {
    const wild: SessionState = { ...s, link: 'wild' };
    return ruling(
      ANY.map((output) => outcome(wild, output)),
      [],
      {},
      'out of frame',
    );
  }
  const own = r.name === 'UNKNOWN' ? unknown : (rules[r.name] ?? other(r.name as RequestName));
  const sized = r.name === 'SET_DEVICE_STATE_FD' && r.flaw === 'size';
  if (HEADER.has(r.flaw) && !sized) return malformed(s, r, own(s, { ...r, flaw: '' }));
  const found = own(s, r);
  if (!r.fragmented) return found;
  // Sent whole it would have been served: what is wrong is the reading of the stream.
  return {
    ...found,
    clauses: [...found.clauses, 'fragments.whole-stream'],
    blame: {
      ...found.blame,
      close: 'fragments.whole-stream',
      quiet: 'fragments.whole-stream',
      'set error': 'fragments.whole-stream',
    },
    situation: `${found.situation} fragmented`.trim(),
  };
}
