import { describe, expect, it } from 'vitest';
import type { ObjectKind } from '../../../harness/trace/step.js';
import { heldTooLong } from '../../../properties/judge/held.js';
import { Things, type Use } from '../../../properties/judge/things.js';

const END = 10;
const use = (role: string, changes: Partial<Use> = {}): Use => ({
  session: 'a',
  role,
  step: 1,
  good: true,
  ...changes,
});
const things = (of: Readonly<Record<string, readonly [ObjectKind, ...Use[]]>>): Things => {
  const all = new Things();
  for (const [name, [kind, ...uses]] of Object.entries(of)) {
    all.open({ do: 'open', name, kind });
    all.get(name)!.uses.push(...uses);
  }
  return all;
};
const event = (names: readonly string[], step = END, parted = false) =>
  ({ type: 'held', on: 'a', us: 0, step, names, ...(parted ? { parted } : {}) }) as const;
const context = { session: 'a', settled: true, running: false, steps: END };
const CHANNEL = use('SET_DEVICE_STATE_FD', { step: -1 });

describe('what is held too long', () => {
  it('after we have left: everything that this session was given', () => {
    const all = things({
      mem: ['memfd', use('SET_MEM_TABLE ')],
      other: ['memfd', use('SET_MEM_TABLE ', { session: 'b' })],
    });
    expect(heldTooLong(event(['mem', 'other', 'unknown'], END, true), all, context)).toEqual(['mem']);
    expect(heldTooLong(event(['mem'], END, true), all, { ...context, settled: false })).toEqual(['mem']);
  });

  it('the channel of a transfer that is over, but not of one that may run, and not in the dark', () => {
    const all = things({ pipe: ['pipe', CHANNEL] });
    expect(heldTooLong(event(['pipe.w'], 4), all, context)).toEqual(['pipe.w']);
    expect(heldTooLong(event(['pipe.w'], 4), all, { ...context, running: true })).toEqual([]);
    expect(heldTooLong(event(['pipe.w'], 4), all, { ...context, settled: false })).toEqual([]);
  });

  it('a channel that went with another message too is nobody knows whose', () => {
    const all = things({ pipe: ['pipe', CHANNEL, use('SET_VRING_CALL 0')] });
    expect(heldTooLong(event(['pipe.w'], 4), all, context)).toEqual([]);
  });

  it('what messages that keep descriptors brought is kept while connected', () => {
    const all = things({
      mem: ['memfd', use('SET_MEM_TABLE ')],
      log: ['memfd', use('SET_LOG_BASE ')],
      pair: ['socketpair', use('SET_BACKEND_REQ_FD ')],
    });
    expect(heldTooLong(event(['mem', 'log', 'pair.b']), all, context)).toEqual([]);
  });

  it('what came with a message that takes none, but only at the end', () => {
    const all = things({ stray: ['file', use('GET_FEATURES ')] });
    expect(heldTooLong(event(['stray']), all, context)).toEqual(['stray']);
    expect(heldTooLong(event(['stray'], 4), all, context)).toEqual([]);
  });

  it('a ring descriptor only once another took its place at the same ring', () => {
    const call = (name: string, role: string, step: number, good = true) => [
      name,
      ['eventfd', use(role, { step, good })],
    ];
    const of = (...entries: unknown[][]) => things(Object.fromEntries(entries));
    const held = (all: Things) => heldTooLong(event(['one']), all, context);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 1)))).toEqual([]);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 1), call('two', 'SET_VRING_CALL 0', 2)))).toEqual(['one']);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 1), call('two', 'SET_VRING_CALL 1', 2)))).toEqual([]);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 1), call('two', 'SET_VRING_ERR 0', 2)))).toEqual([]);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 3), call('two', 'SET_VRING_CALL 0', 2)))).toEqual([]);
    expect(held(of(call('one', 'SET_VRING_CALL 0', 1), call('two', 'SET_VRING_CALL 0', 2, false)))).toEqual([]);
  });

  it('an eventfd that we closed cannot be told from a later one', () => {
    const all = things({ one: ['eventfd', use('GET_FEATURES ')], two: ['eventfd'] });
    expect(heldTooLong(event(['one']), all, context)).toEqual(['one']);
    all.get('one')!.open.clear();
    expect(heldTooLong(event(['one']), all, context)).toEqual([]);
  });
});
