/** Further ways in which a clause shows, each with a history that keeps it and one that breaks it. */
import { describe, expect, it } from 'vitest';
import type { ProcessFacts } from '../../../harness/history.js';
import { encodePayload } from '../../../model/wire/index.js';
import {
  ackOf,
  begin,
  check,
  checkError,
  checkOk,
  connected,
  facts,
  judged,
  type Line,
  load,
  negotiated,
  quiet,
  reply,
  type Script,
  type Seen,
  save,
  setOk,
  start,
  stateOf,
} from './script.js';

const N = negotiated();
/** On a second connection. */
const AGAIN = N.slice(0, 4);
const STATE = stateOf(1000);
const LARGE = stateOf(200_000);
const TO_B = [...N, ...save('pipe1', 'saved', STATE), ...start('b')];

const getConfig = (text: string, on = 'a', offset = 0): Line => [
  `{call: GET_CONFIG, on: ${on}, with: {offset: ${offset}, size: ${text.length}, payload: "${'00'.repeat(text.length)}"}}`,
  reply(
    'GET_CONFIG',
    encodePayload('config', { offset, size: text.length, flags: 0, payload: Uint8Array.from(Buffer.from(text)) }),
  ),
];
const SET_CONFIG = '{call: SET_CONFIG, needReply: true, with: {offset: 0, size: 4, payload: "61626364"}}';
const setConfig: Line = [SET_CONFIG, ackOf('SET_CONFIG')];

const PIECES = (second: Seen): readonly Line[] => [
  ['{open: late, kind: pipe, nonblock: r}'],
  ['{call: SET_DEVICE_STATE_FD, on: b, with: {direction: 1, phase: 0}, fds: [late.r], channel: late.w}', setOk],
  ['{close: late.r}'],
  ['{write: late.w, state: saved, to: 50%}', second],
];
const left: Seen = { type: 'wrote', name: 'late.w', bytes: 0, of: 500, outcome: 'gone' };
const took: Seen = { type: 'wrote', name: 'late.w', bytes: 500, of: 500, outcome: 'all' };

/** A ring at index 7, with what its memory says: available and used index. */
const ringAt7 = (available: number, used: number): readonly Line[] => {
  const word = (n: number) => `${n.toString(16).padStart(2, '0')}00`;
  return [
    ['{open: memory, kind: memfd, size: 2097152}'],
    [`{write: memory, hex: "0000${word(available)}${'00'.repeat(28)}0000${word(used)}"}`],
    ['{open: kick0, kind: eventfd}'],
    [
      '{send: SET_MEM_TABLE, with: {regions: [{guest: 0, size: "0x200000", user: "0x7f0000000000", offset: 0}]}, fds: [memory]}',
    ],
    ['{send: SET_VRING_NUM, with: {index: 0, num: 8}}'],
    ['{send: SET_VRING_BASE, with: {index: 0, num: 7}}'],
    [
      '{send: SET_VRING_ADDR, with: {index: 0, descriptor: "0x7f0000000100", used: "0x7f0000000020", available: "0x7f0000000000"}}',
    ],
    ['{send: SET_VRING_KICK, with: {value: 0}, fds: [kick0]}'],
    ['{kick: kick0}'],
  ];
};
const baseIs = (num: number): Line => [
  '{call: GET_VRING_BASE, with: {index: 0}}',
  reply('GET_VRING_BASE', encodePayload('vring-state', { index: 0, num })),
];

const process = (memory: number): ProcessFacts => ({ descriptors: 10, threads: 2, memory, cpuMs: 1 });
const streamed = (grown: number): Script => ({
  lines: [
    ...N,
    ...begin('load', 'pipe1'),
    ['{write: pipe1.w, pattern: 167772160}', { type: 'wrote', name: 'pipe1.w', bytes: 1, of: 1, outcome: 'all' }],
    ['{close: pipe1.w}'],
    check(checkError),
  ],
  sessions: { a: facts({ before: process(0), after: process(grown) }) },
});

const BROKEN = (answer: Seen): readonly Line[] => [...begin('save', 'broken'), ['{close: broken.r}'], check(answer)];
const SECOND_SET: Line = [
  '{call: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [q.w], channel: q.r}',
  quiet,
];
const script = (...lines: readonly Line[]): Script => ({ lines });

const pairs: readonly (readonly [clause: string, what: string, pass: Script, fail: Script])[] = [
  [
    'channel.any-kind',
    'a load that does not wait for a non-blocking channel to be filled',
    script(
      ...TO_B,
      ...PIECES(took),
      ['{write: late.w, state: saved, from: 50%}', took],
      ['{close: late.w}'],
      check(checkOk, 'b'),
    ),
    script(
      ...TO_B,
      ...PIECES(left),
      ['{write: late.w, state: saved, from: 50%}', left],
      ['{close: late.w}'],
      check(checkError, 'b'),
    ),
  ],
  [
    'check.truth-save',
    'a save whose reader left is called good, and the next one shows that it cannot have gone out',
    script(...N, ...BROKEN(checkError), ...save('p', 's', LARGE)),
    script(...N, ...BROKEN(checkOk), ...save('p', 's', LARGE)),
  ],
  [
    'rings.base-returned',
    'a ring that ran without a request comes back with another index',
    script(...N, ...ringAt7(7, 7), baseIs(7)),
    script(...N, ...ringAt7(7, 7), baseIs(0)),
  ],
  [
    'outcome.failed-load-harmless',
    'a failed load changes the configuration',
    script(
      ...TO_B,
      getConfig('abcd', 'b'),
      ...load('q', 'state: saved, to: 50%', checkError, 'b'),
      getConfig('abcd', 'b'),
    ),
    script(
      ...TO_B,
      getConfig('abcd', 'b'),
      ...load('q', 'state: saved, to: 50%', checkError, 'b'),
      getConfig('abzd', 'b'),
    ),
  ],
  [
    'outcome.resume-source',
    'another part of the configuration was read before',
    script(...N, getConfig('abcd'), ...BROKEN(checkError), getConfig('cdef', 'a', 2)),
    script(...N, getConfig('abcd'), ...BROKEN(checkError), getConfig('zdef', 'a', 2)),
  ],
  [
    'robust.reconnect',
    'the next connection finds the configuration of the last one',
    script(...N, getConfig('aaaa'), setConfig, ['disconnect'], ['connect', connected], ...AGAIN, getConfig('aaaa')),
    script(...N, getConfig('aaaa'), setConfig, ['disconnect'], ['connect', connected], ...AGAIN, getConfig('abcd')),
  ],
  ['robust.memory-bounded', 'a stream is kept', streamed(10 << 20), streamed(150 << 20)],
  [
    'set.reply-error-bits',
    'nothing answers SET_DEVICE_STATE_FD',
    script(...N, ...begin('save', 'p')),
    script(...N, ...begin('save', 'p', 'a', quiet)),
  ],
  [
    'set.reply-error-bits',
    'nothing answers a parameter that nobody defined',
    script(...N, ...begin('save', 'p')),
    script(
      ...N,
      ['{open: q, kind: pipe}'],
      ['{call: SET_DEVICE_STATE_FD, with: {direction: 2, phase: 0}, fds: [q.w]}', quiet],
    ),
  ],
  [
    'suspended.answers',
    'nothing answers a second SET_DEVICE_STATE_FD',
    script(...N, ...begin('save', 'p'), ['{call: GET_FEATURES}', reply('GET_FEATURES', 0x1_4000_0000n)]),
    script(...N, ...begin('save', 'p'), ['{open: q, kind: pipe}'], SECOND_SET),
  ],
];

describe.each(pairs)('%s: %s', (clause, _, pass, fail) => {
  it('holds where it is kept', () => {
    const { violations, reached } = judged(pass);
    expect(violations).toEqual([]);
    expect(Object.keys(reached)).toContain(clause);
  });
  it('alone fails where it is broken', () => {
    expect(judged(fail).violations.map((violation) => violation.clause)).toEqual([clause]);
  });
});

const reset: Line = ['{call: RESET_DEVICE, needReply: true}', ackOf('RESET_DEVICE')];
/** Everything but RESET_DEVICE. */
const NO_RESET = negotiated('a', (1n << 3n) | (1n << 9n) | (1n << 19n));

describe('nothing is wrong with', () => {
  it.each<readonly [string, Script]>([
    [
      'a state that fits the pipe, behind a save whose reader left',
      script(...N, ...BROKEN(checkOk), ...save('p', 's', STATE)),
    ],
    [
      'a larger state, once the device was touched',
      script(...N, ...BROKEN(checkOk), setConfig, ...save('p', 's', LARGE)),
    ],
    ['an index that went on where requests wait', script(...N, ...ringAt7(9, 7), baseIs(9))],
    ['an index where requests are under way', script(...N, ...ringAt7(7, 5), baseIs(5))],
    [
      'an index behind a change of the memory of a ring that runs',
      script(...N, ...ringAt7(7, 7), ['{write: memory, hex: "00"}'], baseIs(8)),
    ],
    [
      'what is read in the middle of a load that fails',
      script(
        ...TO_B,
        ...begin('load', 'q', 'b'),
        getConfig('half', 'b'),
        ['{write: q.w, state: saved, to: 50%}'],
        ['{close: q.w}'],
        check(checkError, 'b'),
        getConfig('abcd', 'b'),
      ),
    ],
    [
      'a question that was asked before the change, and answered behind it',
      script(
        ...N,
        ['{send: GET_CONFIG, with: {offset: 0, size: 4, payload: "00000000"}}'],
        ['{send: SET_CONFIG, needReply: true, with: {offset: 0, size: 4, payload: "61626364"}}'],
        ['{await: 2}', getConfig('aaaa')[1]!, ackOf('SET_CONFIG')],
        ...BROKEN(checkError),
        getConfig('abcd'),
      ),
    ],
    [
      'a reset that was not negotiated',
      script(...NO_RESET, getConfig('aaaa'), setConfig, ['{send: RESET_DEVICE}'], getConfig('abcd')),
    ],
    [
      'a reset that is refused',
      script(
        ...N,
        getConfig('aaaa'),
        setConfig,
        ['{call: RESET_DEVICE, needReply: true}', ackOf('RESET_DEVICE', 1n)],
        getConfig('abcd'),
      ),
    ],
    [
      'another configuration with other features',
      script(
        ...N,
        getConfig('aaaa'),
        setConfig,
        reset,
        ['{send: SET_FEATURES, with: {value: "0x40000000"}}'],
        getConfig('zzzz'),
      ),
    ],
  ])('%s', (_, told) => {
    expect(judged(told).violations).toEqual([]);
  });
});
