import { describe, expect, it } from 'vitest';
import type { MessageStep, ObjectKind } from '../../../harness/trace/step.js';
import type { Req } from '../../../model/session/index.js';
import { newRegisters, type Registers, remember } from '../../../properties/judge/registers.js';
import { abstract } from '../../../properties/judge/request.js';
import { Things } from '../../../properties/judge/things.js';

const KINDS: Readonly<Record<string, ObjectKind>> = {
  pipe: 'pipe',
  pair: 'socketpair',
  mem: 'memfd',
  empty: 'memfd',
  event: 'eventfd',
  dir: 'directory',
};

function world(): { things: Things; registers: Registers; gluedBefore: boolean } {
  const things = new Things();
  for (const [name, kind] of Object.entries(KINDS))
    things.open({ do: 'open', name, kind, ...(name === 'mem' ? { size: 65_536 } : {}) });
  things.open({ do: 'open', name: 'eager', kind: 'pipe', nonblock: 'w' });
  const registers = newRegisters();
  registers.features = 0x1_4000_0000n;
  registers.protocol = 0xa_0208n;
  return { things, registers, gluedBefore: false };
}
const step = (message: string | number, more: Partial<MessageStep> = {}): MessageStep => ({
  do: 'call',
  message,
  ...more,
});
const flawOf = (s: MessageStep, ctx = world()): Req['flaw'] => abstract(s, ctx).req.flaw;

const REGION = { guest: 0, size: 4096, user: 0, offset: 0 };
const memory = (changes: object = {}, fds: readonly string[] = ['mem']): MessageStep =>
  step('SET_MEM_TABLE', { with: { regions: [{ ...REGION, ...changes }] } as MessageStep['with'] & object, fds });
const set = (direction: number, fds: readonly string[], phase = 0): MessageStep =>
  step('SET_DEVICE_STATE_FD', { with: { direction, phase }, fds });

describe('flaws of a message', () => {
  it.each<[string, MessageStep, Req['flaw']]>([
    ['nothing wrong', step('GET_FEATURES'), ''],
    ['need_reply is none', step('SET_OWNER', { needReply: true }), ''],
    ['another version', step('GET_FEATURES', { flags: 2 }), 'version'],
    ['the reply flag', step('GET_FEATURES', { flags: 5 }), 'reply-flag'],
    ['reserved flags', step('GET_FEATURES', { flags: 0x11 }), 'flags'],
    ['a size that is not its own', step('GET_FEATURES', { size: 4 }), 'out-of-frame'],
    ['a part of it', step('GET_FEATURES', { only: 5 }), 'out-of-frame'],
    ['a payload that is too short', step('SET_FEATURES', { raw: '00' }), 'size'],
    ['descriptors that it does not take', step('GET_FEATURES', { fds: ['event'] }), 'extra-fds'],
    ['features that were offered', step('SET_FEATURES', { with: { value: '0x40000000' } }), ''],
    ['features that were not', step('SET_FEATURES', { with: { value: 1 } }), 'unoffered'],
    ['protocol features that were not', step('SET_PROTOCOL_FEATURES', { with: { value: 1 } }), 'unoffered'],
    ['a ring size', step('SET_VRING_NUM', { with: { index: 0, num: 64 } }), ''],
    ['a ring size that is no power of two', step('SET_VRING_NUM', { with: { index: 0, num: 63 } }), 'value'],
    ['a ring size of none', step('SET_VRING_NUM', { with: { index: 0, num: 0 } }), 'value'],
    ['a ring that is not there', step('SET_VRING_NUM', { with: { index: 9, num: 64 } }), 'index'],
    ['enabled by 2', step('SET_VRING_ENABLE', { with: { index: 0, num: 2 } }), 'value'],
    ['a call descriptor', step('SET_VRING_CALL', { with: { value: 0 }, fds: ['event'] }), ''],
    ['a call by polling', step('SET_VRING_CALL', { with: { value: 0x100 } }), ''],
    ['a call descriptor that is missing', step('SET_VRING_CALL', { with: { value: 0 } }), 'no-fd'],
    [
      'a call descriptor and the bit for none',
      step('SET_VRING_CALL', { with: { value: 0x100 }, fds: ['event'] }),
      'extra-fds',
    ],
    ['a call descriptor that is a pipe', step('SET_VRING_CALL', { with: { value: 0 }, fds: ['pipe.w'] }), 'fd-kind'],
    ['reserved bits', step('SET_VRING_CALL', { with: { value: 0x200 }, fds: ['event'] }), 'reserved'],
    ['a kick before the ring is set up', step('SET_VRING_KICK', { with: { value: 0 }, fds: ['event'] }), 'early'],
    ['a memory table', memory(), ''],
    ['a region beyond its file', memory({ size: 131_072 }), 'value'],
    ['a region that is not aligned', memory({ guest: 12 }), 'value'],
    ['a table without descriptors', memory({}, []), 'no-fd'],
    ['a region of a pipe', memory({}, ['pipe.r']), 'value'],
    ['a transfer', set(0, ['pipe.w']), ''],
    ['a direction that is none', set(2, ['pipe.w']), 'direction'],
    ['a phase that is none', set(0, ['pipe.w'], 1), 'phase'],
    ['a transfer without descriptor', set(0, []), 'no-fd'],
    ['a transfer with two', set(0, ['pipe.w', 'pair.a']), 'many-fds'],
    ['ADD_MEM_REG without descriptor', step('ADD_MEM_REG', { with: { ...REGION } }), 'no-fd'],
  ])('%s', (_, s, flaw) => {
    expect(flawOf(s)).toBe(flaw);
  });

  it('regions that overlap', () => {
    const regions = [REGION, { ...REGION, guest: 8192, user: 0 }];
    expect(flawOf(step('SET_MEM_TABLE', { with: { regions }, fds: ['mem', 'mem'] }))).toBe('value');
  });

  it('an unknown number is hopeless, and no flaw of its own', () => {
    expect(abstract(step(99), world()).req).toMatchObject({ name: 'UNKNOWN', hopeless: true, flaw: '' });
    expect(abstract(step(99, { fds: ['event'] }), world()).req.flaw).toBe('extra-fds');
  });

  it('pieces and glue are fragments', () => {
    expect(abstract(step('GET_FEATURES'), world()).req.fragmented).toBe(false);
    expect(abstract(step('GET_FEATURES', { cut: [4] }), world()).req.fragmented).toBe(true);
    expect(abstract(step('GET_FEATURES', { glue: true }), world()).req.fragmented).toBe(true);
    expect(abstract(step('GET_FEATURES'), { ...world(), gluedBefore: true }).req.fragmented).toBe(true);
  });

  it('need_reply is the flag, however it is written', () => {
    expect(abstract(step('SET_OWNER', { needReply: true }), world()).req.needReply).toBe(true);
    expect(abstract(step('SET_OWNER', { flags: 9 }), world()).req.needReply).toBe(true);
    expect(abstract(step('SET_OWNER', { flags: 1, needReply: true }), world()).req.needReply).toBe(false);
  });

  it('a kick is not early behind memory, a size and addresses', () => {
    const ctx = world();
    const ring = { index: 0, descriptor: 0, available: 0, used: 0 };
    for (const s of [
      memory(),
      step('SET_VRING_NUM', { with: { index: 0, num: 8 } }),
      step('SET_VRING_ADDR', { with: ring }),
    ]) {
      const { req, fields } = abstract(s, ctx);
      expect(req.flaw).toBe('');
      remember(ctx.registers, req, fields, 0);
    }
    expect(flawOf(step('SET_VRING_KICK', { with: { value: 0 }, fds: ['event'] }), ctx)).toBe('');
    expect(flawOf(step('SET_VRING_KICK', { with: { value: 1 }, fds: ['event'] }), ctx)).toBe('early');
    expect(flawOf(step('SET_VRING_ADDR', { with: { ...ring, used: 65_536 } }), ctx)).toBe('value');
  });
});

describe('the channel of a transfer', () => {
  it.each<[string, MessageStep, Req['kind'], Req['sink']]>([
    ['a save into a pipe', set(0, ['pipe.w']), 'pipe', 'good'],
    ['a save into the reading end', set(0, ['pipe.r']), 'pipe', 'doomed'],
    ['a load from a pipe', set(1, ['pipe.r']), 'pipe', 'good'],
    ['a load from the writing end', set(1, ['pipe.w']), 'pipe', 'doomed'],
    ['a non-blocking pipe', set(0, ['eager.w']), 'special', 'good'],
    ['a socket', set(0, ['pair.a']), 'special', 'good'],
    ['a save into a memory file', set(0, ['mem']), 'file', 'good'],
    ['a load from an empty one', set(1, ['empty']), 'file', 'good'],
    ['a load from one with zeros in it', set(1, ['mem']), 'file', 'odd'],
    ['a directory', set(0, ['dir']), 'special', 'doomed'],
    ['an eventfd', set(0, ['event']), 'special', 'odd'],
  ])('%s', (_, s, kind, sink) => {
    expect(abstract(s, world()).req).toMatchObject({ kind, sink });
  });

  it('no reader left dooms a save, not a load', () => {
    const ctx = world();
    ctx.things.get('pipe')!.open.delete('r');
    expect(abstract(set(0, ['pipe.w']), ctx).req.sink).toBe('doomed');
    expect(abstract(set(1, ['pipe.r']), ctx).req.sink).toBe('good');
  });

  it('a second use is odd', () => {
    const ctx = world();
    ctx.things.get('pipe')!.uses.push({ session: 'a', role: 'GET_FEATURES ', step: 0, good: false });
    expect(abstract(set(0, ['pipe.w']), ctx).req.sink).toBe('odd');
  });
});
