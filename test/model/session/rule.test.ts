import { describe, expect, it } from 'vitest';
import type { ClauseId } from '../../../model/clauses/index.js';
import { plainReq, type Req, type Ruling, rule, type SessionState, session } from '../../../model/session/index.js';
import { ProtocolFeature, type ProtocolFeatureName } from '../../../model/wire/index.js';

const bits = (...names: ProtocolFeatureName[]): number =>
  names.reduce((sum, name) => sum | (1 << ProtocolFeature[name]), 0);
const up = (changes: Partial<SessionState> = {}, ...names: ProtocolFeatureName[]): SessionState => ({
  ...session.initial,
  protocolBit: 'offered',
  features: 'with-30',
  asked: 'yes',
  offered: bits(...names),
  negotiated: bits(...names),
  memory: 'set',
  ...changes,
});
const req = (name: Req['name'], changes: Partial<Req> = {}): Req => ({ ...plainReq, name, ...changes });

interface Row {
  readonly obligation: string;
  readonly state: SessionState;
  readonly message: Req;
  /** Every output that is allowed. */
  readonly allowed: readonly string[];
  /** What a wrong output is blamed on. */
  readonly blamed?: Ruling['blame'];
  /** The back-end may close the connection over it, in every explanation. */
  readonly mayClose?: boolean;
}

const save = { direction: 'save' } as const;
const load = { direction: 'load' } as const;
const D = 'DEVICE_STATE';
const blame = (id: ClauseId): Ruling['blame'] => ({ 'set ok': id, 'set ok own': id });

const table: readonly Row[] = [
  {
    obligation: 'GET_FEATURES is always answered',
    state: session.initial,
    message: req('GET_FEATURES'),
    allowed: ['value'],
    mayClose: false,
  },
  {
    obligation: 'GET_PROTOCOL_FEATURES is answered before SET_FEATURES where bit 30 is offered',
    state: { ...session.initial, protocolBit: 'offered' },
    message: req('GET_PROTOCOL_FEATURES'),
    allowed: ['value'],
    blamed: { close: 'features.protocol-bit', quiet: 'features.protocol-bit' },
    mayClose: false,
  },
  {
    obligation: 'without bit 30 the question may be refused',
    state: { ...session.initial, protocolBit: 'absent' },
    message: req('GET_PROTOCOL_FEATURES'),
    allowed: ['value', 'none', 'ack error'],
    mayClose: true,
  },
  {
    obligation: 'no acknowledgement without need_reply',
    state: up({}, 'REPLY_ACK'),
    message: req('SET_OWNER'),
    allowed: ['none'],
  },
  {
    obligation: 'with need_reply and REPLY_ACK an acknowledgement is due',
    state: up({}, 'REPLY_ACK'),
    message: req('SET_OWNER', { needReply: true }),
    allowed: ['ack 0', 'ack error'],
    blamed: { quiet: 'reply-ack.answer' },
  },
  {
    obligation: 'need_reply without REPLY_ACK means nothing that the source defines',
    state: up(),
    message: req('SET_OWNER', { needReply: true }),
    allowed: ['none', 'ack 0', 'ack error'],
  },
  {
    obligation: 'need_reply does not change a request that has a reply',
    state: up({}, 'REPLY_ACK'),
    message: req('GET_FEATURES', { needReply: true }),
    allowed: ['value'],
  },
  {
    obligation: 'what cannot be carried out is not acknowledged with 0',
    state: up({}, 'REPLY_ACK'),
    message: req('SET_VRING_CALL', { needReply: true, flaw: 'no-fd', hopeless: true }),
    allowed: ['ack error'],
    blamed: { 'ack 0': 'reply-ack.truth' },
  },
  {
    obligation: 'an unknown request is never answered with success',
    state: up(),
    message: req('UNKNOWN'),
    allowed: ['none', 'ack error'],
    blamed: { 'ack 0': 'communication.no-unasked-reply' },
  },
  {
    obligation: 'an unknown request that asks for an acknowledgement gets an error',
    state: up({}, 'REPLY_ACK'),
    message: req('UNKNOWN', { needReply: true }),
    allowed: ['ack error'],
    blamed: { 'ack 0': 'reply-ack.truth', quiet: 'reply-ack.answer' },
  },
  {
    obligation: 'a stopped ring gives its base',
    state: up({ kick0: 'fd', base0: 'set' }),
    message: req('GET_VRING_BASE'),
    allowed: ['value'],
    mayClose: false,
  },
  {
    obligation: 'open.base-of-unset-ring: answered, or the connection is closed',
    state: up(),
    message: req('GET_VRING_BASE'),
    allowed: ['value', 'none'],
  },
  {
    obligation: 'a transfer begins, through our channel or its own',
    state: up({}, D),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set ok', 'set ok own'],
    blamed: { 'set error': 'set.reply-error-bits', close: 'communication.close' },
    mayClose: false,
  },
  {
    obligation: 'a channel of a special kind is as good as a pipe',
    state: up({}, D),
    message: req('SET_DEVICE_STATE_FD', { ...save, kind: 'special' }),
    allowed: ['set ok', 'set ok own'],
    blamed: { 'set error': 'channel.any-kind' },
  },
  {
    obligation: 'a transfer after a failed one begins',
    state: up({ transfer: 'save', checked: 'error', end: 'broken' }, D),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set ok', 'set ok own'],
    blamed: { 'set error': 'outcome.retry' },
  },
  {
    obligation: 'open.enforce-suspended: with a started ring it may be refused',
    state: up({ run0: 'started' }, D),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set ok', 'set ok own', 'set error', 'none'],
  },
  {
    obligation: 'open.second-set: a second one may be refused',
    state: up({ transfer: 'save' }, D),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set ok', 'set ok own', 'set error', 'none'],
  },
  {
    obligation: 'open.load-before-features: a load may be refused',
    state: up({ memory: 'none' }, D),
    message: req('SET_DEVICE_STATE_FD', load),
    allowed: ['set ok', 'set ok own', 'set error', 'none'],
  },
  {
    obligation: 'a save before the memory is known may not',
    state: up({ memory: 'none' }, D),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set ok', 'set ok own'],
  },
  ...(['direction', 'phase'] as const).map(
    (flaw): Row => ({
      obligation: `a wrong ${flaw} is refused`,
      state: up({}, D),
      message: req('SET_DEVICE_STATE_FD', { ...save, flaw }),
      allowed: ['set error', 'none'],
      blamed: { ...blame(`params.${flaw}`), close: 'communication.close' },
    }),
  ),
  {
    obligation: 'a wrong size is not carried out',
    state: up({}, D),
    message: req('SET_DEVICE_STATE_FD', { ...save, flaw: 'size' }),
    allowed: ['set error', 'none', 'ack error'],
    blamed: blame('params.size'),
    mayClose: true,
  },
  ...(['no-fd', 'many-fds'] as const).map(
    (flaw): Row => ({
      obligation: `exactly one descriptor: ${flaw}`,
      state: up({}, D),
      message: req('SET_DEVICE_STATE_FD', { ...save, flaw }),
      allowed: ['set error', 'none', 'ack error'],
      blamed: blame('set.one-fd'),
      mayClose: true,
    }),
  ),
  {
    obligation: 'SET_DEVICE_STATE_FD needs the feature negotiated',
    state: up(),
    message: req('SET_DEVICE_STATE_FD', save),
    allowed: ['set error', 'none', 'ack error'],
    blamed: blame('device-state.negotiated-set'),
    mayClose: true,
  },
  {
    obligation: 'CHECK_DEVICE_STATE needs the feature negotiated',
    state: up(),
    message: req('CHECK_DEVICE_STATE'),
    allowed: ['check error', 'none', 'ack error'],
    blamed: { 'check 0': 'device-state.negotiated-check' },
    mayClose: true,
  },
  {
    obligation: 'CHECK_DEVICE_STATE is answered',
    state: up({ transfer: 'save', end: 'eof' }, D),
    message: req('CHECK_DEVICE_STATE'),
    allowed: ['check'],
    mayClose: false,
  },
  {
    obligation: 'GET_MAX_MEM_SLOTS with its feature',
    state: up({}, 'CONFIGURE_MEM_SLOTS'),
    message: req('GET_MAX_MEM_SLOTS'),
    allowed: ['value'],
    mayClose: false,
  },
  {
    obligation: 'GET_MAX_MEM_SLOTS without its feature',
    state: up(),
    message: req('GET_MAX_MEM_SLOTS'),
    allowed: ['value', 'none', 'ack error'],
    mayClose: true,
  },
  {
    obligation: 'open.mem-reg-payload: ADD_MEM_REG may echo',
    state: up({}, 'CONFIGURE_MEM_SLOTS'),
    message: req('ADD_MEM_REG'),
    allowed: ['none', 'echo'],
  },
  {
    obligation: 'open.log-base-reply',
    state: up({}, 'LOG_SHMFD'),
    message: req('SET_LOG_BASE'),
    allowed: ['echo', 'ack 0', 'ack error', 'empty', 'none'],
  },
  {
    obligation: 'a request in pieces is a request',
    state: up(),
    message: req('GET_FEATURES', { fragmented: true }),
    allowed: ['value'],
    blamed: {
      close: 'fragments.whole-stream',
      quiet: 'fragments.whole-stream',
      'set error': 'fragments.whole-stream',
    },
    mayClose: false,
  },
  {
    obligation: 'a foreign version may end the connection',
    state: up(),
    message: req('GET_FEATURES', { flaw: 'version' }),
    allowed: ['value', 'value error', 'check error', 'set error', 'none', 'ack error'],
    mayClose: true,
  },
];

describe('the rules, from the obligations', () => {
  it.each(table)('$obligation', ({ state, message, allowed, blamed, mayClose }) => {
    const ruling = rule(state, message);
    expect([...new Set(ruling.outcomes.map(({ output }) => output))].sort()).toEqual([...allowed].sort());
    if (blamed !== undefined) expect(ruling.blame).toMatchObject(blamed);
    if (mayClose !== undefined)
      expect(ruling.outcomes.map(({ next }) => next.link !== 'up')).toEqual(ruling.outcomes.map(() => mayClose));
  });

  it('a transfer carries what it is about into the state', () => {
    const [ours, theirs] = rule(up({}, D), req('SET_DEVICE_STATE_FD', { ...load, kind: 'special' })).outcomes;
    expect(ours!.next).toMatchObject({
      transfer: 'load',
      channel: 'ours',
      kind: 'special',
      end: 'open',
      checked: 'no',
    });
    expect(theirs!.next).toMatchObject({ transfer: 'load', channel: 'theirs', kind: 'pipe' });
  });

  it('a refused request leaves the state as it was', () => {
    const state = up({ run0: 'started' }, D);
    const refused = rule(state, req('SET_DEVICE_STATE_FD', save)).outcomes.find(({ output }) => output === 'set error');
    expect(refused!.next).toEqual(state);
  });

  it('a second transfer makes any result explained, a later one does not', () => {
    const second = rule(up({ transfer: 'save' }, D), req('SET_DEVICE_STATE_FD', save)).outcomes[0]!;
    expect(second.next.muddled).toBe('yes');
    const later = rule(up({ transfer: 'save', checked: 'ok' }, D), req('SET_DEVICE_STATE_FD', save)).outcomes[0]!;
    expect(later.next).toMatchObject({ muddled: 'no', earlier: 'ok' });
  });

  it('SET_FEATURES without bit 30 enables every ring', () => {
    const [done] = rule(up(), req('SET_FEATURES')).outcomes;
    expect(done!.next).toMatchObject({ features: 'without-30', enabled0: 'yes', enabled1: 'yes' });
    const [with30] = rule(up(), req('SET_FEATURES', { value: 1n << 30n })).outcomes;
    expect(with30!.next).toMatchObject({ features: 'with-30', enabled0: 'no', enabled1: 'no' });
  });

  it('behind what is out of frame everything is explained', () => {
    const { outcomes } = rule(up(), req('GET_FEATURES', { flaw: 'out-of-frame' }));
    expect(outcomes.every(({ next }) => next.link === 'wild')).toBe(true);
    expect(outcomes.length).toBeGreaterThan(10);
  });
});
