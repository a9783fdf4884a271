import { describe, expect, it } from 'vitest';
import {
  begin,
  check,
  checkError,
  checkOk,
  exit,
  facts,
  gone,
  judged,
  type Line,
  negotiated,
  quiet,
  reply,
  type Seen,
  save,
  setOk,
  stateOf,
} from './script.js';

const N = negotiated();
const signatures = (script: Parameters<typeof judged>[0]) => judged(script).violations.map((v) => v.signature);
const ended = { a: facts({ exit: { code: 1, signal: null }, stderr: 'said: invalid message 17\n' }) };

describe('what comes when the trace is over', () => {
  const open: readonly Line[] = [
    ...N,
    ...begin('load', 'pipe1'),
    ['{write: pipe1.w, pattern: 64}'],
    ['{call: CHECK_DEVICE_STATE}', quiet],
  ];

  it('is judged with everything closed that was open', () => {
    expect(signatures({ lines: open, end: [{ type: 'closing' }, checkOk] })).toEqual([
      'check.truth-load | CHECK_DEVICE_STATE | load eof foreign',
    ]);
    expect(signatures({ lines: open, end: [checkOk] })).toEqual(['check.waits | CHECK_DEVICE_STATE | load']);
  });

  it('may have been on its way before it', () => {
    const asked: readonly Line[] = [...open, ['{send: GET_FEATURES}']];
    const features = reply('GET_FEATURES', 0x1_4000_0000n);
    expect(signatures({ lines: asked, end: [{ type: 'closing' }, features, checkError] })).toEqual([]);
  });

  it('is due then', () => {
    expect(signatures({ lines: open, end: [{ type: 'closing' }, quiet] })).toEqual([
      'check.waits | CHECK_DEVICE_STATE | load | quiet',
    ]);
  });
});

describe('features without VERSION_1', () => {
  const set = (value: string): readonly Line[] => [
    ['{call: GET_FEATURES}', reply('GET_FEATURES', 0x1_4000_0000n)],
    [`{send: SET_FEATURES, with: {value: "${value}"}}`, gone, exit({ code: 1 })],
  ];

  it('may be too little for a back-end', () => {
    expect(signatures({ lines: set('0x40000000'), sessions: ended })).toEqual([]);
    expect(signatures({ lines: set('0x140000000'), sessions: ended })).toEqual([
      'communication.close | SET_FEATURES | closed',
    ]);
  });
});

describe('an end with a status', () => {
  const bad: Line = ['{send: SET_VRING_NUM, raw: "00"}', gone, exit({ code: 1 })];

  it('is one thing, whichever malformed message it was', () => {
    const signature = 'robust.survives-bad-input | status 1';
    expect(signatures({ lines: [...N, bad], sessions: ended })).toEqual([signature]);
    const size: Line = ['{send: SET_MEM_TABLE, raw: "0000"}', gone, exit({ code: 1 })];
    expect(signatures({ lines: [...N, size], sessions: ended })).toEqual([signature]);
  });

  it('is nobody’s business after we have left', () => {
    expect(signatures({ lines: N, end: [exit({ code: 1 })], sessions: ended })).toEqual([]);
    expect(signatures({ lines: [...N, ...begin('load', 'pipe1')], end: [exit({ code: 1 })], sessions: ended })).toEqual(
      [],
    );
  });
});

describe('a message that is not answered while a transfer runs', () => {
  it('is the same, whichever it was', () => {
    const lines = (message: string) => [...N, ...begin('load', 'pipe1'), [`{call: ${message}}`, quiet] as const];
    for (const message of ['GET_FEATURES', 'GET_PROTOCOL_FEATURES', 'SET_OWNER, needReply: true'])
      expect(signatures({ lines: lines(message) })).toEqual(['suspended.answers | load open | quiet']);
  });

  it('is a matter of its own without one', () => {
    expect(signatures({ lines: [...N, ['{call: SET_OWNER, needReply: true}', quiet]] })).toEqual([
      'reply-ack.answer | SET_OWNER | quiet',
    ]);
  });
});

describe('the signature', () => {
  it('says nothing of what does not matter for the clause', () => {
    const early = (content: string) => [
      ...N,
      ...begin('load', 'pipe1'),
      [`{write: pipe1.w, ${content}}`] as const,
      check(checkOk),
    ];
    for (const content of ['hex: "0001"', 'pattern: 100'])
      expect(signatures({ lines: early(content) })).toEqual(['check.waits | CHECK_DEVICE_STATE | load']);
    const cut = (message: string): Line => [`{call: ${message}, cut: [3]}`, gone];
    for (const message of ['GET_FEATURES', 'CHECK_DEVICE_STATE'])
      expect(signatures({ lines: [...N, cut(message)] })).toEqual(['fragments.whole-stream']);
  });
});

describe('a save that is given up', () => {
  const STATE = stateOf(300_000);
  const abandoned = (seen: readonly Seen[]): readonly Line[] => [
    ...N,
    ...save('pipe1', 'saved', STATE),
    ...begin('save', 'pipe2'),
    ['{close: pipe2.r}', ...seen],
    check(checkOk),
  ];

  it('cannot have gone out whole through a pipe that is smaller than the state', () => {
    expect(signatures({ lines: abandoned([]) })).toEqual(['check.truth-save | CHECK_DEVICE_STATE | save broken']);
  });

  it('can through one that the back-end made large enough', () => {
    expect(signatures({ lines: abandoned([{ type: 'grown', name: 'pipe2', bytes: 1 << 20 }]) })).toEqual([]);
  });
});

describe('doubt that a message casts on the connection', () => {
  const unasked: readonly Line[] = [
    ['{call: GET_FEATURES}', reply('GET_FEATURES', 0x1_4000_0000n)],
    ['{send: SET_PROTOCOL_FEATURES, with: {value: "0x80000"}}'],
    ['{open: pipe1, kind: pipe}'],
    ['{send: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [pipe1.w]}'],
    ['{send: SET_PROTOCOL_FEATURES, with: {value: "0x2000"}}'],
  ];

  it('is not gone with an answer to an earlier one', () => {
    const lines: readonly Line[] = [...unasked, ['{send: RESET_DEVICE}', setOk, gone]];
    expect(signatures({ lines })).toEqual([]);
  });

  it('is gone with an answer to a later one', () => {
    const barrier: Line = ['{call: GET_FEATURES}', setOk, reply('GET_FEATURES', 0x1_4000_0000n)];
    const lines: readonly Line[] = [...unasked, barrier, ['{call: GET_FEATURES}', gone]];
    expect(signatures({ lines })).toEqual(['communication.close | GET_FEATURES | closed']);
  });
});

describe('what a front-end takes back in the middle', () => {
  const back: Line = ['{send: SET_PROTOCOL_FEATURES, with: {value: 0}}'];

  it('leaves the check of a transfer open', () => {
    const asked: readonly Line[] = [...N, ...begin('load', 'pipe1'), back, ['{call: CHECK_DEVICE_STATE}', quiet]];
    expect(signatures({ lines: asked, end: [{ type: 'closing' }, checkOk] })).toEqual([]);
    expect(signatures({ lines: [...N, back, check(checkOk)] })).toEqual([
      'device-state.negotiated-check | CHECK_DEVICE_STATE | unnegotiated',
    ]);
  });

  it('can be all that was agreed on, where it is the owner', () => {
    const lines: readonly Line[] = [
      ...N,
      ['{send: RESET_OWNER}'],
      ['{call: GET_FEATURES}', reply('GET_FEATURES', 0x1_4000_0000n)],
      ['{send: SET_VRING_ENABLE}', gone],
    ];
    expect(signatures({ lines })).toEqual([]);
    expect(signatures({ lines: lines.toSpliced(N.length, 1) })).toEqual([
      'communication.close | SET_VRING_ENABLE | closed',
    ]);
  });
});
