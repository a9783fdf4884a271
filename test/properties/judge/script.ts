/** Histories without a back-end: each line is a step in trace-file notation, and what is seen behind it. */
import { bytesOf } from '../../../harness/bytes.js';
import type { History, HistoryEvent, ReceivedDescriptor, SessionFacts } from '../../../harness/history.js';
import { parseTraceFile } from '../../../harness/trace/file.js';
import type { Step, Trace } from '../../../harness/trace/step.js';
import { encodePayload, Request, type RequestName } from '../../../model/wire/index.js';
import type { Judgement } from '../../../properties/finding.js';
import { type JudgeOptions, judge } from '../../../properties/judge/index.js';

type Bare<E> = E extends HistoryEvent ? Omit<E, 'step' | 'us' | 'on'> & { readonly on?: string } : never;
/** An event without its place; `content`: what a read brought. */
export type Seen = Bare<HistoryEvent> & { readonly content?: Uint8Array };
/** A step, and what is seen of it. Messages go out and writes are taken whole unless something else is said. */
export type Line = readonly [step: string, ...seen: Seen[]];

export interface Script {
  readonly lines: readonly Line[];
  /** Seen behind the last step. */
  readonly end?: readonly Seen[];
  readonly sessions?: Readonly<Record<string, SessionFacts>>;
  readonly options?: Partial<JudgeOptions>;
}

const sessionOf = (step: Step): string =>
  step.do === 'start' ? step.session : (('on' in step ? step.on : undefined) ?? 'a');

function traceOf(lines: readonly Line[]): Trace {
  const text = ['format: vhost-check/trace@1', 'title: a script', 'verdict: pass', 'steps:'];
  return parseTraceFile([...text, ...lines.map(([step]) => `  - ${step}`), ''].join('\n'), 'script').steps;
}

/** The trace and the history that a script tells. */
export function tell({ lines, end = [], sessions = {} }: Script): { trace: Trace; history: History } {
  const trace = traceOf(lines);
  const events: HistoryEvent[] = [];
  const states: Record<string, Uint8Array> = {};
  const add = (step: number, on: string, { content: _, ...seen }: Seen) =>
    events.push({ on, ...seen, step, us: events.length } as HistoryEvent);
  for (const [i, [, ...seen]] of lines.entries()) {
    const step = trace[i]!;
    const on = sessionOf(step);
    const has = (type: HistoryEvent['type']) => seen.some((event) => event.type === type);
    if ((step.do === 'call' || step.do === 'send') && !has('sent') && !has('skipped'))
      add(i, on, { type: 'sent', bytes: 20, complete: true });
    if (step.do === 'write' && !has('wrote')) {
      const bytes = bytesOf(step, new Map(Object.entries(states)))?.length ?? 0;
      add(i, on, { type: 'wrote', name: step.name, bytes, of: bytes, outcome: 'all' });
    }
    for (const event of seen) {
      if (step.do === 'read' && step.into !== undefined && event.content !== undefined)
        states[step.into] = event.content;
      add(i, on, event);
    }
  }
  for (const event of end) add(lines.length, 'a', event);
  return { trace, history: { events, sessions, states, deadlineMs: 100 } };
}

/** Judge what a script tells. */
export function judged(script: Script): Judgement {
  const { trace, history } = tell(script);
  return judge(trace, history, { variants: {}, comparable: true, ...script.options });
}

interface ReplyOptions {
  readonly flags?: number;
  readonly fds?: readonly ReceivedDescriptor[];
  readonly on?: string;
}
/** A message of the back-end: a number as a 64-bit payload, bytes as they are. */
export function reply(
  name: RequestName | number,
  payload: bigint | Uint8Array,
  { flags = 5, fds = [], on }: ReplyOptions = {},
): Seen {
  return {
    type: 'message',
    request: typeof name === 'number' ? name : Request[name],
    flags,
    payload: typeof payload === 'bigint' ? encodePayload('u64', { value: payload }) : payload,
    descriptors: fds,
    ...(on === undefined ? {} : { on }),
  };
}
export const quiet: Seen = { type: 'quiet', waitedMs: 100 };
export const gone: Seen = { type: 'gone' };
export const connected: Seen = { type: 'connected' };
export const eof = (name: string, content: Uint8Array): Seen => ({
  type: 'read',
  name,
  bytes: content.length,
  outcome: 'eof',
  content,
});
export const exit = (how: { code?: number; signal?: string }): Seen => ({
  type: 'exit',
  code: how.code ?? null,
  signal: how.signal ?? null,
});
export const held = (names: readonly string[], parted = false): Seen => ({
  type: 'held',
  names,
  ...(parted ? { parted } : {}),
});
export const setOk = reply('SET_DEVICE_STATE_FD', 0x100n);
export const setError = reply('SET_DEVICE_STATE_FD', 0x101n);
export const checkOk = reply('CHECK_DEVICE_STATE', 0n);
export const checkError = reply('CHECK_DEVICE_STATE', 1n);
export const ackOf = (name: RequestName | number, value = 0n): Seen => reply(name, value);

const FEATURES = 0x1_4000_0000n;
/** REPLY_ACK, CONFIG, RESET_DEVICE, DEVICE_STATE. */
export const PROTOCOL = (1n << 3n) | (1n << 9n) | (1n << 13n) | (1n << 19n);

/** Features, memory: what comes before all else. */
export function negotiated(on = 'a', protocol = PROTOCOL, offered = PROTOCOL): readonly Line[] {
  const mem = `mem-${on}`;
  return [
    [`{call: GET_FEATURES, on: ${on}}`, reply('GET_FEATURES', FEATURES)],
    [`{call: GET_PROTOCOL_FEATURES, on: ${on}}`, reply('GET_PROTOCOL_FEATURES', offered)],
    [`{send: SET_PROTOCOL_FEATURES, on: ${on}, with: {value: "0x${protocol.toString(16)}"}}`],
    [`{send: SET_FEATURES, on: ${on}, with: {value: "0x${FEATURES.toString(16)}"}}`],
    [`{open: ${mem}, kind: memfd, size: 2097152}`],
    [
      `{send: SET_MEM_TABLE, on: ${on}, with: {regions: [{guest: 0, size: "0x200000", user: "0x7f0000000000", offset: 0}]}, fds: [${mem}]}`,
    ],
  ];
}

const SET = (on: string, direction: number, pipe: string, given: string, ours: string) =>
  `{call: SET_DEVICE_STATE_FD, on: ${on}, with: {direction: ${direction}, phase: 0}, fds: [${pipe}.${given}], channel: ${pipe}.${ours}}`;

/** A transfer begins through a pipe of this name, and our copy of the other end is closed. */
export const begin = (direction: 'save' | 'load', pipe: string, on = 'a', answer: Seen = setOk): readonly Line[] => {
  const [given, ours] = direction === 'save' ? ['w', 'r'] : ['r', 'w'];
  return [
    [`{open: ${pipe}, kind: pipe}`],
    [SET(on, direction === 'save' ? 0 : 1, pipe, given!, ours!), answer],
    [`{close: ${pipe}.${given}}`],
  ];
};
export const check = (answer: Seen, on = 'a'): Line => [`{call: CHECK_DEVICE_STATE, on: ${on}}`, answer];

/** A whole save. */
export const save = (pipe: string, into: string, bytes: Uint8Array, on = 'a', answer = checkOk): readonly Line[] => [
  ...begin('save', pipe, on),
  [`{read: ${pipe}.r, into: ${into}}`, eof(`${pipe}.r`, bytes)],
  check(answer, on),
];
/** A whole load of what is said in trace notation, for example `state: saved, to: 50%`. */
export const load = (pipe: string, what: string, answer: Seen, on = 'a'): readonly Line[] => [
  ...begin('load', pipe, on),
  [`{write: ${pipe}.w, ${what}}`],
  [`{close: ${pipe}.w}`],
  check(answer, on),
];
/** A further process. */
export const start = (on: string): readonly Line[] => [[`{start: ${on}}`, connected], ...negotiated(on)];

/** `length` bytes that differ from those of another seed. */
export const stateOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) + seed) & 0xff);

export const facts = (more: Partial<SessionFacts> = {}): SessionFacts => ({ pid: 1, stderr: '', ...more });
