/** For every judged clause a history in which it holds, and one in which it alone does not. */
import type { ProcessFacts } from '../../../harness/history.js';
import { encodePayload, type RequestName } from '../../../model/wire/index.js';
import {
  ackOf,
  begin,
  check,
  checkError,
  checkOk,
  connected,
  eof,
  exit,
  facts,
  gone,
  held,
  type Line,
  load,
  negotiated,
  PROTOCOL,
  quiet,
  reply,
  type Script,
  type Seen,
  save,
  setError,
  setOk,
  start,
  stateOf,
} from './script.js';

export interface Case {
  readonly pass: Script;
  readonly fail: Script;
}

const N = negotiated();
const WITHOUT = negotiated('a', 1n << 3n);
const STATE = stateOf(1000);
const features = reply('GET_FEATURES', 0x1_4000_0000n);

/** Two histories that begin alike. */
const split = (before: readonly Line[], pass: readonly Line[], fail: readonly Line[]): Case => ({
  pass: { lines: [...before, ...pass] },
  fail: { lines: [...before, ...fail] },
});
/** Two histories that differ in what is seen of the last step. */
const last = (before: readonly Line[], step: string, pass: readonly Seen[], fail: readonly Seen[]): Case =>
  split(before, [[step, ...pass]], [[step, ...fail]]);

const SET = (more: string) => `{call: SET_DEVICE_STATE_FD, ${more}}`;
const GOOD_SET = SET('with: {direction: 0, phase: 0}, fds: [pipe1.w], channel: pipe1.r');
const PIPE: Line = ['{open: pipe1, kind: pipe}'];
/** What is wrong with a SET_DEVICE_STATE_FD is refused, and may not succeed. */
const refused = (more: string, before = N): Case => last([...before, PIPE], SET(more), [setError], [setOk]);

const vringState = (index: number, num: number) => encodePayload('vring-state', { index, num });
const config = (text: string) =>
  encodePayload('config', { offset: 0, size: 4, flags: 0, payload: Uint8Array.from(Buffer.from(text)) });
const configured = (text: string): Line => [
  '{call: GET_CONFIG, with: {offset: 0, size: 4, payload: "00000000"}}',
  reply('GET_CONFIG', config(text)),
];
const SET_CONFIG = 'call: SET_CONFIG, needReply: true, with: {offset: 0, size: 4, payload: "61626364"}';

/** A ring that runs. */
const RING: readonly Line[] = [
  ['{open: kick0, kind: eventfd}'],
  ['{open: call0, kind: eventfd}'],
  ['{send: SET_VRING_NUM, with: {index: 0, num: 8}}'],
  ['{send: SET_VRING_BASE, with: {index: 0, num: 0}}'],
  [
    '{send: SET_VRING_ADDR, with: {index: 0, descriptor: "0x7f0000000100", used: "0x7f0000002000", available: "0x7f0000001000"}}',
  ],
  ['{send: SET_VRING_CALL, with: {value: 0}, fds: [call0]}'],
];
const KICK: readonly Line[] = [
  ['{send: SET_VRING_KICK, with: {value: 0}, fds: [kick0]}'],
  ['{send: SET_VRING_ENABLE, with: {index: 0, num: 1}}'],
  ['{kick: kick0}'],
];
const signal: Seen = { type: 'signal', name: 'call0', count: 1n };
const unasked: Seen = { type: 'backend-message', request: 2, flags: 1, payload: new Uint8Array() };

const process = (more: Partial<ProcessFacts> = {}): ProcessFacts => ({
  descriptors: 10,
  threads: 2,
  memory: 10 << 20,
  cpuMs: 1,
  ...more,
});
const threeSaves = ['p1', 'p2', 'p3'].flatMap((name) => save(name, `s${name}`, STATE));
const measured = (after: Partial<ProcessFacts>): Script => ({
  lines: [...N, ...threeSaves],
  sessions: { a: facts({ before: process(), after: process(after) }) },
});
const BROKEN_SAVE: readonly Line[] = [...begin('save', 'broken'), ['{close: broken.r}'], check(checkError)];
const TO_B = [...N, ...save('pipe1', 'saved', STATE), ...start('b')];
const loaded = (what: string, pass: Seen, fail: Seen): Case =>
  split(TO_B, load('pipe2', what, pass, 'b'), load('pipe2', what, fail, 'b'));
const ack = (name: RequestName, needs: string, value: bigint): Line => [
  `{call: ${name}, needReply: true${needs}}`,
  ackOf(name, value),
];

export const cases: Readonly<Record<string, Case>> = {
  'header.version': last(N, '{call: GET_FEATURES}', [features], [reply('GET_FEATURES', 0n, { flags: 6 })]),
  'header.reply-flag': last(N, '{call: GET_FEATURES}', [features], [reply('GET_FEATURES', 0n, { flags: 1 })]),
  'header.reply-id': last(N, '{call: GET_FEATURES}', [features], [reply('GET_QUEUE_NUM', 1n)]),
  'header.reply-size': last(N, '{call: GET_FEATURES}', [features], [reply('GET_FEATURES', new Uint8Array(4))]),
  'communication.no-unasked-reply': last(N, '{send: SET_OWNER}', [], [ackOf('SET_OWNER')]),
  'communication.order': last(
    [...N, ['{send: GET_FEATURES}'], ['{send: GET_PROTOCOL_FEATURES}']],
    '{await: 2}',
    [features, reply('GET_PROTOCOL_FEATURES', PROTOCOL)],
    [reply('GET_PROTOCOL_FEATURES', PROTOCOL)],
  ),
  'communication.close': last([...N, PIPE], SET('with: {direction: 2, phase: 0}, fds: [pipe1.w]'), [setError], [gone]),
  'communication.backend-req': last(
    N,
    '{call: GET_FEATURES}',
    [features],
    [features, reply(2, new Uint8Array(), { flags: 1 })],
  ),
  'reply-ack.answer': last(N, '{call: SET_OWNER, needReply: true}', [ackOf('SET_OWNER')], [quiet]),
  'reply-ack.truth': last(N, '{call: 99, needReply: true}', [ackOf(99, 1n)], [ackOf(99, 0n)]),
  'reply-ack.no-change': last(
    N,
    '{call: GET_FEATURES, needReply: true}',
    [features],
    [features, ackOf('GET_FEATURES')],
  ),
  'fragments.whole-stream': last(N, '{call: GET_FEATURES, cut: [5]}', [features], [gone]),
  'features.protocol-bit': last(
    [['{call: GET_FEATURES}', features]],
    '{call: GET_PROTOCOL_FEATURES}',
    [reply('GET_PROTOCOL_FEATURES', PROTOCOL)],
    [gone],
  ),
  'features.only-offered': last(
    [
      ...negotiated('a', 1n << 3n, 1n << 3n),
      [`{${SET_CONFIG}}`, ackOf('SET_CONFIG', 1n)],
      ['{send: SET_PROTOCOL_FEATURES, with: {value: "0x208"}}'],
    ],
    `{${SET_CONFIG}}`,
    [ackOf('SET_CONFIG', 1n)],
    [ackOf('SET_CONFIG', 0n)],
  ),
  'features.unknown-safe': {
    pass: { lines: [...N, ['{send: 99}'], ['{call: GET_FEATURES}', features]], sessions: { a: facts() } },
    fail: { lines: [...N, ['{send: 99}', gone, exit({ signal: 'SIGSEGV' })]], sessions: { a: facts() } },
  },
  'device-state.negotiated-set': refused('with: {direction: 0, phase: 0}, fds: [pipe1.w]', WITHOUT),
  'device-state.negotiated-check': last(WITHOUT, '{call: CHECK_DEVICE_STATE}', [checkError], [checkOk]),
  'rings.base-returned': last(
    [...N, ['{send: SET_VRING_BASE, with: {index: 0, num: 5}}']],
    '{call: GET_VRING_BASE, with: {index: 0}}',
    [reply('GET_VRING_BASE', vringState(0, 5))],
    [reply('GET_VRING_BASE', vringState(0, 6))],
  ),
  'rings.reset-device': split(
    [
      ...N,
      configured('abcd'),
      ack('SET_CONFIG', ', with: {offset: 0, size: 4, payload: "61616161"}', 0n),
      ack('RESET_DEVICE', '', 0n),
    ],
    [configured('abcd')],
    [configured('aaaa')],
  ),
  'suspended.no-notify': split(
    [...N, ...RING],
    [...KICK, ['{call: GET_FEATURES}', features, signal]],
    [['{call: GET_FEATURES}', features, signal]],
  ),
  'suspended.no-message': split(
    [...N, ...RING],
    [...KICK, ['{call: GET_FEATURES}', features, unasked]],
    [['{call: GET_FEATURES}', features, unasked]],
  ),
  'suspended.answers': last([...N, ...begin('save', 'pipe1')], '{call: GET_FEATURES}', [features], [quiet]),
  'params.size': refused('raw: "00000000", fds: [pipe1.w]'),
  'params.direction': refused('with: {direction: 2, phase: 0}, fds: [pipe1.w]'),
  'params.phase': refused('with: {direction: 0, phase: 1}, fds: [pipe1.w]'),
  'set.one-fd': refused('with: {direction: 0, phase: 0}'),
  'set.reply-error-bits': last([...N, PIPE], GOOD_SET, [setOk], [setError]),
  'set.reply-no-fd-bit': last([...N, PIPE], GOOD_SET, [setOk], [reply('SET_DEVICE_STATE_FD', 0n)]),
  'set.no-error-with-fd': last(
    [...N, PIPE],
    GOOD_SET,
    [setOk],
    [reply('SET_DEVICE_STATE_FD', 1n, { fds: [{ kind: 'fifo', access: 'read' }] })],
  ),
  'set.own-channel': last(
    [...N, PIPE],
    GOOD_SET,
    [reply('SET_DEVICE_STATE_FD', 0n, { fds: [{ kind: 'fifo', access: 'read' }] })],
    [reply('SET_DEVICE_STATE_FD', 0n, { fds: [{ kind: 'fifo', access: 'write' }] })],
  ),
  'channel.any-kind': last([...N, ['{open: pipe1, kind: pipe, nonblock: w}']], GOOD_SET, [setOk], [setError]),
  'channel.save-all': split(
    [...N, ...save('pipe1', 'whole', STATE)],
    save('pipe2', 'again', STATE),
    save('pipe2', 'again', STATE.subarray(0, 900)),
  ),
  'channel.save-eof': last(
    [...N, ...begin('save', 'pipe1')],
    '{read: pipe1.r, into: saved}',
    [eof('pipe1.r', STATE)],
    [{ type: 'read', name: 'pipe1.r', bytes: 1000, outcome: 'blocked' }],
  ),
  'channel.load-to-eof': {
    pass: { lines: [...TO_B, ...load('pipe2', 'state: saved', checkOk, 'b')] },
    fail: {
      lines: [
        ...N,
        ...begin('load', 'pipe1'),
        [
          '{write: pipe1.w, pattern: 200000}',
          { type: 'wrote', name: 'pipe1.w', bytes: 65536, of: 200000, outcome: 'blocked' },
        ],
      ],
    },
  },
  'channel.early-close': last(
    [...N, ...begin('save', 'pipe1'), ['{close: pipe1.r}']],
    '{call: CHECK_DEVICE_STATE}',
    [checkError],
    [gone],
  ),
  'check.value': {
    pass: { lines: [...N, ...save('pipe1', 'saved', STATE)] },
    fail: { lines: [...N, ...save('pipe1', 'saved', STATE, 'a', checkError)] },
  },
  'check.truth-save': last(
    [...N, PIPE, [SET('with: {direction: 0, phase: 0}, fds: [pipe1.r]'), setOk]],
    '{call: CHECK_DEVICE_STATE}',
    [checkError],
    [checkOk],
  ),
  'check.truth-load': loaded('state: saved, to: 50%', checkError, checkOk),
  'check.integrity': loaded('state: saved, flip: 50%', checkError, checkOk),
  'check.waits': last(
    [...N, ...begin('load', 'pipe1'), ['{write: pipe1.w, pattern: 100}']],
    '{call: CHECK_DEVICE_STATE}',
    [checkError],
    [checkOk],
  ),
  'outcome.state-equal': split(
    [...TO_B, ...load('pipe2', 'state: saved', checkOk, 'b')],
    save('pipe3', 'again', STATE, 'b'),
    save('pipe3', 'again', stateOf(1000, 2), 'b'),
  ),
  'outcome.resume-source': split(
    [...N, configured('abcd'), ...BROKEN_SAVE],
    [configured('abcd')],
    [configured('dcba')],
  ),
  'outcome.retry': last([...N, ...BROKEN_SAVE, PIPE], GOOD_SET, [setOk], [setError]),
  'outcome.failed-load-harmless': split(
    [
      ...N,
      ...save('pipe1', 'saved', STATE),
      ...save('pipe2', 'same', STATE),
      ...load('pipe3', 'state: saved, to: 50%', checkError),
    ],
    save('pipe4', 'later', STATE),
    save('pipe4', 'later', stateOf(1000, 2)),
  ),
  'outcome.vring-base': last(
    [...N, ['{send: SET_VRING_BASE, with: {index: 0, num: 5}}'], ...save('pipe1', 'saved', STATE)],
    '{call: GET_VRING_BASE, with: {index: 0}}',
    [reply('GET_VRING_BASE', vringState(0, 5))],
    [reply('GET_VRING_BASE', vringState(0, 6))],
  ),
  'conventions.sigterm': {
    pass: { lines: N, sessions: { a: facts() } },
    fail: { lines: N, sessions: { a: facts({ killed: true }) } },
  },
  'robust.no-crash': {
    pass: { lines: [...N, ['{call: GET_FEATURES}', features]], sessions: { a: facts() } },
    fail: {
      lines: [...N, ['{call: GET_FEATURES}', gone, exit({ signal: 'SIGABRT' })]],
      sessions: { a: facts({ stderr: 'thread panicked at src/state.rs:12:\n' }) },
    },
  },
  'robust.no-hang': {
    pass: { lines: [...N, ['{call: GET_FEATURES}', features]], sessions: { a: facts() } },
    fail: { lines: [...N, ['{call: GET_FEATURES}', quiet]], sessions: { a: facts() } },
  },
  'robust.survives-bad-input': {
    pass: {
      lines: [...N, ['{send: SET_VRING_CALL, with: {value: 0}}'], ['{call: GET_FEATURES}', features]],
      sessions: { a: facts() },
    },
    fail: {
      lines: [...N, ['{send: SET_VRING_CALL, with: {value: 0}}', gone, exit({ code: 1 })]],
      sessions: { a: facts() },
    },
  },
  'robust.no-fd-leak': {
    pass: { lines: [...N, ...save('pipe1', 'saved', STATE)], end: [held([], true)] },
    fail: { lines: [...N, ...save('pipe1', 'saved', STATE)], end: [held(['pipe1.w'], true)] },
  },
  'robust.no-thread-leak': { pass: measured({ threads: 3 }), fail: measured({ threads: 5 }) },
  'robust.memory-bounded': { pass: measured({ memory: 20 << 20 }), fail: measured({ memory: 300 << 20 }) },
  'robust.no-spin': {
    pass: { lines: [...N, ['{linger: 100}']], sessions: { a: facts({ idleCpu: 0.01 }) } },
    fail: { lines: [...N, ['{linger: 100}']], sessions: { a: facts({ idleCpu: 0.97 }) } },
  },
  'robust.reconnect': last(
    [...N, ['disconnect']],
    'connect',
    [connected],
    [{ type: 'refused', error: 'ECONNREFUSED' }],
  ),
};
