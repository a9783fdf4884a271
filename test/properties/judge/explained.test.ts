import { describe, expect, it } from 'vitest';
import {
  begin,
  check,
  checkError,
  checkOk,
  connected,
  eof,
  exit,
  facts,
  gone,
  judged,
  type Line,
  load,
  negotiated,
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

const N = negotiated();
const STATE = stateOf(1000);
const features = reply('GET_FEATURES', 0x1_4000_0000n);
const signal = (name: string): Seen => ({ type: 'signal', name, count: 1n });
const CALL: readonly Line[] = [
  ['{open: call0, kind: eventfd}'],
  ['{send: SET_VRING_CALL, with: {value: 0}, fds: [call0]}'],
];
const RUNNING: readonly Line[] = [
  ...N,
  ['{open: kick0, kind: eventfd}'],
  ['{send: SET_VRING_NUM, with: {index: 0, num: 8}}'],
  [
    '{send: SET_VRING_ADDR, with: {index: 0, descriptor: "0x7f0000000100", used: "0x7f0000002000", available: "0x7f0000001000"}}',
  ],
  ...CALL,
  ['{send: SET_VRING_KICK, with: {value: 0}, fds: [kick0]}'],
  ['{kick: kick0}'],
];
/** The back-end brings a channel of its own, where our useless end is closed then. */
const ownSave = begin('save', 'p', 'a', reply('SET_DEVICE_STATE_FD', 0n, { fds: [{ kind: 'fifo', access: 'read' }] }));
const base = reply('GET_VRING_BASE', Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0]));

/** What looks odd and has its reasons: no violation. */
const explained: readonly (readonly [string, Script])[] = [
  [
    'a signal at the very step that stops the ring',
    { lines: [...RUNNING, ['{call: GET_VRING_BASE, with: {index: 0}}', base, signal('call0')]] },
  ],
  [
    'a signal of a descriptor that we signalled ourselves',
    { lines: [...N, ...CALL, ['{kick: call0}', signal('call0')]] },
  ],
  [
    'no answer to CHECK_DEVICE_STATE while a load is open',
    { lines: [...N, ...begin('load', 'p'), ['{call: CHECK_DEVICE_STATE}', quiet]] },
  ],
  [
    'no answer to it while nobody has read the own channel of a back-end',
    { lines: [...N, ...ownSave, ['{call: CHECK_DEVICE_STATE}', quiet]] },
  ],
  [
    'an early question that is answered early, where any result would be right, and then the result',
    {
      lines: [
        ...N,
        ...save('p', 's', STATE),
        ...begin('load', 'q'),
        ['{send: CHECK_DEVICE_STATE}'],
        ['{write: q.w, state: s}'],
        ['{close: q.w}'],
        ['{call: CHECK_DEVICE_STATE}', checkError, checkOk],
      ],
    },
  ],
  [
    'the same of a save that is given up',
    {
      lines: [
        ...N,
        ...begin('save', 'p'),
        ['{send: CHECK_DEVICE_STATE}'],
        ['{close: p.r}'],
        ['{call: CHECK_DEVICE_STATE}', checkError, checkOk],
      ],
    },
  ],
  [
    'success of a load through a socket pair of which we still hold the end that was handed over',
    {
      lines: [
        ...N,
        ...save('p', 's', STATE),
        ...start('b'),
        ['{open: q, kind: socketpair}'],
        ['{call: SET_DEVICE_STATE_FD, on: b, with: {direction: 1, phase: 0}, fds: [q.b], channel: q.a}', setOk],
        ['{write: q.a, state: s}'],
        ['{close: q.a}'],
        check(checkOk, 'b'),
      ],
    },
  ],
  [
    'a save that ends early with its connection',
    {
      lines: [
        ...N,
        ...save('p', 's', STATE),
        ...begin('save', 'q'),
        ['{send: GET_FEATURES, flags: 0}', gone],
        ['{read: q.r, into: t}', eof('q.r', STATE.subarray(0, 500))],
      ],
    },
  ],
  [
    'the same where the end of the connection was not seen yet',
    {
      lines: [
        ...N,
        ...save('p', 's', STATE),
        ...begin('save', 'q'),
        ['{send: GET_FEATURES, flags: 0}'],
        ['{read: q.r, into: t}', eof('q.r', STATE.subarray(0, 500)), gone],
      ],
    },
  ],
  [
    'success behind a reset, after a transfer that failed: it may be forgotten',
    { lines: [...N, ...load('p', 'pattern: 100', checkError), ['{send: RESET_DEVICE}'], check(checkOk)] },
  ],
  [
    'a load whose reader left, which is called an error',
    {
      lines: [
        ...N,
        ...begin('load', 'p'),
        ['{write: p.w, pattern: 5000}', { type: 'wrote', name: 'p.w', bytes: 100, of: 5000, outcome: 'gone' }],
        check(checkError),
      ],
    },
  ],
  ['a second transfer that is refused', { lines: [...N, ...begin('save', 'p'), ...begin('save', 'q', 'a', setError)] }],
  [
    'any result of the second of two',
    { lines: [...N, ...begin('save', 'p'), ...save('q', 's', STATE, 'a', checkError)] },
  ],
  ['an empty state, taken or not', { lines: [...N, ...begin('load', 'p'), ['{close: p.w}'], check(checkOk)] }],
  ['a state that somebody else made', { lines: [...N, ...load('p', 'hex: "00112233"', checkOk)] }],
  [
    'another state of a back-end that is not comparable',
    {
      lines: [...N, ...save('p', 's', STATE), ...save('q', 't', STATE.subarray(0, 900))],
      options: { comparable: false },
    },
  ],
  [
    'a shorter state behind a load',
    {
      lines: [
        ...N,
        ...save('p', 's', STATE),
        ...load('q', 'state: s, to: 50%', checkError),
        ...save('r', 't', STATE.subarray(0, 900)),
      ],
    },
  ],
  [
    'a closed connection over a malformed message',
    { lines: [...N, ['{send: SET_VRING_CALL, with: {value: 0}}', gone]] },
  ],
  ['an end after we have left', { lines: [...N, ['disconnect', exit({ code: 0 })]], sessions: { a: facts() } }],
  ['a connection anew', { lines: [...N, ['disconnect'], ['connect', connected], ['{call: GET_FEATURES}', features]] }],
  [
    'anything behind what is out of frame',
    { lines: [...N, ['{send: GET_FEATURES, size: 100}'], ['{call: GET_FEATURES}', quiet]] },
  ],
  [
    'more threads after a single transfer',
    {
      lines: [...N, ...save('p', 's', STATE)],
      sessions: {
        a: facts({
          before: { descriptors: 1, threads: 1, memory: 0, cpuMs: 0 },
          after: { descriptors: 1, threads: 3, memory: 0, cpuMs: 0 },
        }),
      },
    },
  ],
];

describe('the judge raises no false alarm over', () => {
  it.each(explained)('%s', (_, script) => {
    expect(judged(script).violations).toEqual([]);
  });
});

describe('pinned answers', () => {
  const second: Script = { lines: [...N, ...begin('save', 'p'), ...begin('save', 'q', 'a', setError)] };
  it('make the other answer a violation', () => {
    expect(judged({ ...second, options: { variants: { 'open.second-set': 'refuse' } } }).violations).toEqual([]);
    const early: Script = { lines: [...N, ...begin('save', 'p'), check(checkError)] };
    expect(judged(early).violations).toEqual([]);
    const pinned = judged({ ...early, options: { variants: { 'open.check-before-eof': 'wait' } } });
    expect(pinned.violations.map(({ clause }) => clause)).toEqual(['check.value']);
  });

  it('answers are told', () => {
    expect(judged(second).answers['open.second-set']).toBe('refuse');
  });

  it('an answer is not told where something else explains it too', () => {
    // Two questions of one kind, of which either may have been answered first.
    const lines = [
      ...N,
      ['{send: CHECK_DEVICE_STATE}'],
      ['{call: CHECK_DEVICE_STATE}', checkError, checkError],
    ] as const;
    expect(judged({ lines }).answers).toEqual({ 'open.check-without-set': 'error' });
  });

  it('what is asked behind a check may be pinned to its place', () => {
    const lines = [
      ...N,
      ...begin('save', 'p'),
      ['{send: CHECK_DEVICE_STATE}'],
      ['{call: GET_FEATURES}', features],
    ] as const;
    expect(judged({ lines }).violations).toEqual([]);
    expect(judged({ lines }).answers['open.behind-check']).toBe('before');
    const pinned = judged({ lines, options: { variants: { 'open.behind-check': 'after' } } });
    expect(pinned.violations.map(({ clause }) => clause)).toEqual(['communication.order']);
  });
});

describe('a judgement', () => {
  it.each([checkOk, checkError])(
    'of a good state whose reader left early blames the reading, whatever CHECK says',
    (answer) => {
      const lines: readonly Line[] = [
        ...N,
        ...save('p', 's', STATE),
        ...start('b'),
        ...begin('load', 'q', 'b'),
        ['{write: q.w, state: s}', { type: 'wrote', name: 'q.w', bytes: 500, of: 1000, outcome: 'gone' }],
        check(answer, 'b'),
      ];
      expect(judged({ lines }).violations.map(({ clause }) => clause)).toEqual(['channel.load-to-eof']);
    },
  );

  it('blames an answer before the last step, also where the channel is closed behind it', () => {
    const loading: readonly Line[] = [...N, ...save('p', 's', STATE), ...start('b'), ...begin('load', 'q', 'b')];
    const lines: readonly Line[] = [...loading, ['{write: q.w, state: s}'], check(checkOk, 'b')];
    expect(judged({ lines }).violations.map(({ clause }) => clause)).toEqual(['check.waits']);
  });

  it('blames an answer that does not come when an own channel is closed', () => {
    const lines: readonly Line[] = [...N, ...ownSave, ['{close: p.r}'], ['{call: CHECK_DEVICE_STATE}', quiet]];
    expect(judged({ lines }).violations.map(({ clause }) => clause)).toEqual(['check.waits']);
  });

  it('blames success after a transfer that failed, without a reset', () => {
    const lines = [...N, ...load('p', 'pattern: 100', checkError), check(checkOk)];
    expect(judged({ lines }).violations.map(({ clause }) => clause)).toEqual(['check.truth-load']);
  });

  it('explains the trace up to what shows the violation, and judges the session no further', () => {
    const lines: readonly Line[] = [...N, ['{call: GET_FEATURES}', quiet], ['{call: GET_FEATURES}', quiet]];
    const { violations, explained: upTo } = judged({ lines });
    expect(violations).toHaveLength(1);
    expect(upTo).toBe(violations[0]!.step);
    expect(judged({ lines: N }).explained).toBe(N.length);
  });

  it('names the transitions that were taken', () => {
    const { transitions } = judged({
      lines: [
        ...N,
        ['{open: p, kind: pipe}'],
        ['{call: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [p.w], channel: p.r}', setOk],
        ['{close: p.w}'],
        ['{read: p.r, into: s}', eof('p.r', STATE)],
      ],
    });
    expect(transitions).toContain('idle|SET_DEVICE_STATE_FD');
    expect(transitions).toContain('transfer=save|read eof');
  });
});
