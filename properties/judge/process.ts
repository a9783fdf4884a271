/** How a back-end's process fared: its end, and what it used. */
import type { History, SessionFacts } from '../../harness/history.js';
import type { Trace } from '../../harness/trace/step.js';
import type { ClauseId } from '../../model/clauses/index.js';
import { INCOMPATIBLE } from '../../model/session/index.js';
import type { Track } from './track.js';
import type { Verdicts } from './verdicts.js';

/** A panic, an assertion or a sanitizer's report, and where. */
const CRASH =
  /panicked at ([^\n:]*:\d+)|(AddressSanitizer|UndefinedBehaviorSanitizer|ThreadSanitizer|LeakSanitizer)[^\n]*|ASSERTION FAILED[^\n]*|Assertion `[^\n]*/;

/** Transfers from which on growth with their number is looked at. */
const MANY = 3;
const MIB = 1024 * 1024;
/** What a process may grow by for reasons of its own. */
const SLACK = 64 * MIB;
/** Share of a processor that a quiet process may use. */
const IDLE = 0.5;

/** The innermost place that a crash report names. */
export function topFrame(stderr: string): string | undefined {
  const match = CRASH.exec(stderr);
  return match === null ? undefined : (match[1] ?? match[0]).slice(0, 120);
}

/** Judge one process. @param label what a step is called. @returns the clauses that were reached. */
export function judgeProcess(
  on: string,
  facts: SessionFacts,
  track: Track,
  history: History,
  trace: Trace,
  verdicts: Verdicts,
  label: (step: number) => string,
): readonly ClauseId[] {
  if (facts.pid === undefined) return [];
  const exit = history.events.find((e) => e.type === 'exit' && e.on === on);
  const crash = topFrame(facts.stderr);
  const step = Math.min(exit?.step ?? trace.length, trace.length);
  const left = trace[step]?.do === 'disconnect' || step === trace.length;
  // The end is often seen a step late: what was sent last, or was wrong, is what it is about.
  const culprit = track.culprit;
  const at = culprit === undefined || (left && culprit.step < step - 1) ? step : Math.min(culprit.step, step);
  const about = label(at);
  const unknown = culprit?.req.name === 'UNKNOWN' && culprit.step === at;
  const add = (clause: ClauseId, expected: string, observed: string, signature: readonly string[], crashed: boolean) =>
    verdicts.add({ clause, step: at, on, expected: [expected], observed, signature, cause: 'end', crash: crashed });
  if (exit?.type === 'exit' && exit.signal !== null && !facts.killed) {
    const clause = unknown ? 'features.unknown-safe' : track.earlyClose ? 'channel.early-close' : 'robust.no-crash';
    const observed = `ended by ${exit.signal}${crash === undefined ? '' : `: ${crash}`}`;
    add(clause, 'the process lives on', observed, [crash ?? about], true);
  } else if (crash !== undefined) {
    add('robust.no-crash', 'no panic and no failed assertion', `standard error says: ${crash}`, [crash], true);
  } else if (exit?.type === 'exit' && exit.code !== 0 && exit.code !== null && !facts.killed) {
    const clause = track.lost && !track.lostByEnd ? undefined : endBlame(on, exit.step, track, history, trace);
    const observed = `it ended with status ${exit.code}${lastLine(facts.stderr)}`;
    if (clause !== undefined) add(clause, 'the process lives on', observed, [`status ${exit.code}`], false);
  }
  if (facts.killed) {
    verdicts.add({
      clause: 'conventions.sigterm',
      step: trace.length,
      on,
      expected: ['the process ends when it gets SIGTERM'],
      observed: 'it had to be killed',
      signature: [],
    });
  }
  resources(on, facts, track, trace, verdicts);
  return [
    'robust.no-crash',
    'robust.survives-bad-input',
    'robust.no-hang',
    'conventions.sigterm',
    ...(facts.after === undefined ? [] : (['robust.no-thread-leak', 'robust.memory-bounded'] as const)),
    ...(facts.idleCpu === undefined ? [] : (['robust.no-spin'] as const)),
  ];
}

/**
 * The process gave up in an orderly way, but said that it failed.
 * @returns undefined where that is its own affair: it is only the end of a connection that ended for a reason
 */
function endBlame(on: string, step: number, track: Track, history: History, trace: Trace): ClauseId | undefined {
  const { culprit } = track;
  if (culprit?.ruling.situation === INCOMPATIBLE) return undefined;
  const cut = trace.some(
    (s, i) => i <= step && (s.do === 'call' || s.do === 'send') && (s.on ?? 'a') === on && s.only !== undefined,
  );
  if (culprit?.req.name === 'UNKNOWN' && track.unanswered.includes(culprit)) return 'features.unknown-safe';
  if (cut || track.unanswered.some(({ doubtful, req }) => doubtful || req.fragmented))
    return 'robust.survives-bad-input';
  return track.earlyClose && !leftBefore(history, on, step, trace) ? 'channel.early-close' : undefined;
}

const lastLine = (stderr: string): string => {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${line.slice(0, 160)}`;
};

/** We had left, and nothing wrong was sent on the way: how a process ends then is its own affair. */
const leftBefore = (history: History, on: string, step: number, trace: Trace): boolean =>
  !history.events.some((e) => e.type === 'gone' && e.on === on && e.step <= step) &&
  (step >= trace.length || trace[step]?.do === 'disconnect');

function resources(on: string, facts: SessionFacts, track: Track, trace: Trace, verdicts: Verdicts): void {
  const { before, after, parted } = facts;
  const transfers = trace.filter(
    (s) =>
      (s.do === 'call' || s.do === 'send') &&
      (s.message === 'SET_DEVICE_STATE_FD' || s.message === 42) &&
      (s.on ?? 'a') === on,
  ).length;
  const last = parted ?? after;
  if (before !== undefined && last !== undefined && !track.lost) {
    const threads = last.threads - before.threads;
    if (transfers >= MANY && threads >= transfers) {
      verdicts.add({
        clause: 'robust.no-thread-leak',
        step: trace.length,
        on,
        expected: [`about ${before.threads} threads`],
        observed: `${last.threads} threads after ${transfers} transfers`,
        signature: [],
      });
    }
    const written = trace.reduce((sum, s) => sum + (s.do === 'write' ? (s.pattern ?? 0) : 0), 0);
    const grown = last.memory - before.memory;
    const perTransfer = transfers >= MANY && grown > SLACK && grown > transfers * 16 * MIB;
    const perByte = written >= 128 * MIB && grown > SLACK && grown > written * 0.6;
    if (perTransfer || perByte) {
      verdicts.add({
        clause: 'robust.memory-bounded',
        step: trace.length,
        on,
        expected: ['memory goes back when a transfer is over'],
        observed: `${Math.round(grown / MIB)} MiB more after ${transfers} transfers of ${Math.round(written / MIB)} MiB written by us`,
        signature: [perByte ? 'stream' : 'transfers'],
      });
    }
  }
  if (facts.idleCpu !== undefined && facts.idleCpu > IDLE) {
    verdicts.add({
      clause: 'robust.no-spin',
      step: trace.findIndex((s) => s.do === 'linger'),
      on,
      expected: ['no processor time while nothing is to do'],
      observed: `${Math.round(facts.idleCpu * 100)} % of a processor`,
      signature: [],
    });
  }
}
