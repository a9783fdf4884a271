import { describe, expect, it } from 'vitest';
import type { Step, Trace } from '../../../harness/trace/step.js';
import { shrink } from '../../../properties/shrink/index.js';
import { repair } from '../../../properties/shrink/repair.js';
import { Fake, type Fault } from './fake.js';

/** Shrink with a fault that looks at the trace as a whole. */
async function smallest(trace: Trace, shows: (trace: Trace) => boolean): Promise<Trace> {
  const fault: Fault = (candidate) => (shows(candidate) ? candidate.length : undefined);
  const shrunk = await shrink(trace, 'x', new Fake({ x: fault }).execute, { maxExecutions: 5_000 });
  expect(shrunk?.minimal).toBe(true);
  return shrunk!.trace;
}

const sends = (trace: Trace, message: string | number) =>
  trace.filter((step) => 'message' in step && step.message === message) as Extract<Step, { message: unknown }>[];

describe('arguments', () => {
  it('of a message fall back to what is lawful, as far as they can', async () => {
    const trace: Trace = [
      { do: 'open', name: 'k', kind: 'eventfd' },
      {
        do: 'send',
        message: 'SET_VRING_ADDR',
        with: { index: 1, flags: 3, descriptor: '0x1000', used: 4096, available: 77, log: 5 },
        fds: ['k', 'k'],
        needReply: true,
        flags: 13,
        size: 40,
        cut: [3, 12, 20],
      },
    ];
    const bare = await smallest(trace, (t) => sends(t, 'SET_VRING_ADDR').length > 0);
    // No reply is due to it any more.
    expect(bare).toEqual([{ do: 'send', message: 'SET_VRING_ADDR' }]);
    const some = await smallest(trace, (t) =>
      sends(t, 'SET_VRING_ADDR').some(
        (s) => (s.with?.used as number) >= 100 && s.needReply === true && (s.cut ?? []).includes(12),
      ),
    );
    expect(some).toEqual([
      { do: 'call', message: 'SET_VRING_ADDR', with: { used: expect.any(Number) }, needReply: true, cut: [12] },
    ]);
    expect((some[0] as { with?: { used?: number } }).with?.used).toBeLessThan(140);
  });

  it('that are ends of a pipe become the one that serves', async () => {
    for (const [direction, given, proper] of [
      [0, 'p.r', 'pipe1.w'],
      [1, 'p.w', 'pipe1.r'],
    ] as const) {
      const trace: Trace = [
        { do: 'open', name: 'p', kind: 'pipe' },
        { do: 'call', message: 'SET_DEVICE_STATE_FD', with: { direction, phase: 0 }, fds: [given] },
      ];
      const small = await smallest(trace, (t) =>
        sends(t, 'SET_DEVICE_STATE_FD').some((s) => s.fds?.length === 1 && s.with?.direction === direction),
      );
      expect(sends(small, 'SET_DEVICE_STATE_FD')[0]?.fds).toEqual([proper]);
    }
  });

  it('that are bit sets lose their bits, or become what was offered', async () => {
    const trace: Trace = [{ do: 'send', message: 'SET_PROTOCOL_FEATURES', with: { value: '0x8a42b' } }];
    const value = (t: Trace) => sends(t, 'SET_PROTOCOL_FEATURES')[0]?.with?.value as string | undefined;
    expect(await smallest(trace, (t) => value(t) !== undefined)).toEqual([{ ...trace[0], with: { value: 'offered' } }]);
    const bit = (t: Trace) => /^0x/.test(String(value(t))) && (BigInt(value(t)!) & 0x20n) !== 0n;
    expect(await smallest(trace, bit)).toEqual([{ ...trace[0], with: { value: '0x20' } }]);
    const masked: Trace = [{ do: 'send', message: 'SET_FEATURES', with: { value: 'offered & ~0x604000000' } }];
    const without = (t: Trace) => /~/.test(String(sends(t, 'SET_FEATURES')[0]?.with?.value));
    expect(await smallest(masked, without)).toEqual([{ ...masked[0], with: { value: 'offered & ~0x4000000' } }]);
  });

  it('that are lists get shorter, and their elements simpler', async () => {
    const region = (guest: number) => ({ guest, size: 4096, user: guest, offset: 0 });
    const trace: Trace = [
      { do: 'open', name: 'mem', kind: 'memfd', size: 65_536 },
      {
        do: 'call',
        message: 'SET_MEM_TABLE',
        with: { regions: [region(0), region(8192), region(65_536)] },
        fds: ['mem', 'mem', 'mem'],
      },
    ];
    const shows = (t: Trace) =>
      sends(t, 'SET_MEM_TABLE').some((s) => {
        const regions = (s.with?.regions ?? []) as { guest?: number }[];
        return regions.some(({ guest }) => (guest ?? 0) >= 5_000) && (s.fds ?? []).length >= 2;
      });
    const [open, table] = await smallest(trace, shows);
    expect(open).toEqual({ do: 'open', name: 'pipe1', kind: 'pipe' });
    expect(table).toMatchObject({ fds: [expect.stringMatching(/^pipe1\./), expect.stringMatching(/^pipe1\./)] });
    expect((table as { with?: { regions?: unknown } }).with?.regions).toEqual([{ guest: expect.any(Number) }]);
  });

  it('of a raw message get shorter', async () => {
    const trace: Trace = [{ do: 'call', message: 77, raw: '0102030405060708', only: 15 }];
    const bytes = (t: Trace) => (sends(t, 77)[0]?.raw ?? '').length / 2;
    expect(await smallest(trace, (t) => bytes(t) >= 3)).toEqual([{ do: 'call', message: 77, raw: '000000' }]);
  });

  it('of an object go: its kind, its size, how it blocks', async () => {
    const trace: Trace = [
      { do: 'open', name: 'x', kind: 'socketpair', nonblock: 'a' },
      { do: 'call', message: 'SET_DEVICE_STATE_FD', fds: ['x.a'], channel: 'x.b' },
      { do: 'shutdown', name: 'x.a', how: 'write' },
      { do: 'read', name: 'x.b', bytes: 1_000, into: 's' },
      { do: 'open', name: 'p', kind: 'pipe', size: 1_048_576, nonblock: 'both' },
      { do: 'write', name: 'p.w', state: 's', from: 3, to: '75%', flip: 2 },
    ];
    const shows = (t: Trace) =>
      sends(t, 'SET_DEVICE_STATE_FD').some((s) => s.fds?.length === 1 && s.channel !== undefined) &&
      t.some((s) => s.do === 'read') &&
      t.some((s) => s.do === 'write' && s.name !== sends(t, 'SET_DEVICE_STATE_FD')[0]?.fds?.[0]);
    expect(await smallest(trace, shows)).toEqual([
      { do: 'open', name: 'pipe1', kind: 'pipe' },
      { do: 'call', message: 'SET_DEVICE_STATE_FD', fds: ['pipe1.w'], channel: 'pipe1.r' },
      { do: 'read', name: 'pipe1.r' },
      { do: 'open', name: 'pipe2', kind: 'pipe' },
      { do: 'write', name: 'pipe2.w', pattern: 0 },
    ]);
    const peculiar = (t: Trace) =>
      t.some((s) => s.do === 'write' && s.state !== undefined && s.flip !== undefined) &&
      t.some((s) => s.do === 'open' && (s.size ?? 0) > 4_096);
    const kept = await smallest(trace, peculiar);
    expect(kept).toHaveLength(4);
    expect(kept).toContainEqual({ do: 'write', name: expect.any(String), state: 's', flip: 0 });
    const sizes = kept.flatMap((s) => (s.do === 'open' && s.size !== undefined ? [s.size] : []));
    expect(sizes).toHaveLength(1);
    expect(sizes[0]).toBeLessThan(8_192);
  });

  it('of an await: a call waits itself', async () => {
    const trace: Trace = [
      { do: 'send', message: 'GET_FEATURES' },
      { do: 'await', replies: 1 },
    ];
    const awaited = (t: Trace) =>
      sends(t, 'GET_FEATURES').some((s) => s.do === 'call') || t.some((s) => s.do === 'await');
    expect(await smallest(trace, (t) => sends(t, 'GET_FEATURES').length === 1 && awaited(t))).toEqual([
      { do: 'call', message: 'GET_FEATURES' },
    ]);
  });

  it('of a linger: as short as it shows', async () => {
    const trace: Trace = [{ do: 'linger', ms: 200 }];
    const shows = (t: Trace) => t.some((s) => s.do === 'linger' && s.ms >= 40);
    const [linger] = await smallest(trace, shows);
    expect((linger as { ms: number }).ms).toBeLessThan(60);
  });

  it('of sessions: another one takes the place of the first', async () => {
    const trace: Trace = [
      { do: 'call', message: 'GET_FEATURES' },
      { do: 'start', session: 'b' },
      { do: 'start', session: 'c' },
      { do: 'call', message: 'SET_OWNER', on: 'c' },
      { do: 'call', message: 'GET_VRING_BASE', on: 'b' },
      { do: 'disconnect', on: 'b' },
      { do: 'connect', on: 'b' },
      { do: 'call', message: 'GET_QUEUE_NUM', on: 'b' },
    ];
    expect(await smallest(trace, (t) => sends(t, 'GET_QUEUE_NUM').length === 1)).toEqual([
      { do: 'call', message: 'GET_QUEUE_NUM' },
    ]);
  });

  it('are named by what they are, in their order', async () => {
    const trace: Trace = [
      { do: 'open', name: 'pipe2', kind: 'pipe' },
      { do: 'open', name: 'foo', kind: 'eventfd' },
      { do: 'open', name: 'pipe1', kind: 'pipe' },
      { do: 'call', message: 77, fds: ['pipe2.r', 'foo', 'pipe1.w'] },
    ];
    const shows = (t: Trace) =>
      sends(t, 77)[0]?.fds?.length === 3 &&
      new Set(sends(t, 77)[0]!.fds!.map((end) => end.split('.')[0])).size === 3 &&
      t.some((s) => s.do === 'open' && s.kind === 'eventfd');
    expect(await smallest(trace, shows)).toEqual([
      { do: 'open', name: 'pipe1', kind: 'pipe' },
      { do: 'open', name: 'event1', kind: 'eventfd' },
      { do: 'open', name: 'pipe2', kind: 'pipe' },
      { do: 'call', message: 77, fds: ['pipe1.r', 'event1', 'pipe2.w'] },
    ]);
  });

  it('may be kept by a message that loses a descriptor', async () => {
    const trace: Trace = [
      { do: 'open', name: 'p', kind: 'pipe' },
      { do: 'open', name: 'q', kind: 'pipe' },
      { do: 'call', message: 'SET_DEVICE_STATE_FD', fds: ['p.w', 'q.w'], channel: 'p.r' },
    ];
    expect(await smallest(trace, (t) => sends(t, 'SET_DEVICE_STATE_FD').length === 1)).toEqual([
      { do: 'call', message: 'SET_DEVICE_STATE_FD' },
    ]);
  });
});

describe('repair', () => {
  it('takes out what stands on something that is no longer there', () => {
    expect(
      repair([
        { do: 'close', name: 'gone.r' },
        { do: 'call', message: 'GET_FEATURES', on: 'b' },
        { do: 'open', name: 'p', kind: 'pipe' },
        { do: 'open', name: 'p', kind: 'pipe' },
        { do: 'write', name: 'p.w', state: 's' },
        { do: 'read', name: 'p.a' },
        { do: 'read', name: 'p.r', into: 's' },
        { do: 'write', name: 'p.w', state: 's' },
        { do: 'call', message: 77, fds: ['p.w', 'gone.w'] },
        { do: 'close', name: 'p' },
      ]),
    ).toEqual([
      { do: 'open', name: 'p', kind: 'pipe' },
      { do: 'read', name: 'p.r', into: 's' },
      { do: 'write', name: 'p.w', state: 's' },
      { do: 'close', name: 'p' },
    ]);
  });

  it('gives up where that does not help', () => {
    expect(repair([{ do: 'call', message: 'NO_SUCH_MESSAGE' }])).toBeUndefined();
    expect(repair([{ do: 'linger', ms: 10_001 }])).toBeUndefined();
  });
});
