import fc from 'fast-check';
import { expect } from 'vitest';
import type { Trace } from '../../harness/trace/step.js';
import { encodeHeader } from '../../model/wire/index.js';
import { type Descriptor, eventfd } from '../../native/index.js';
import { traceArbitrary } from './arbitrary.js';
import { lawful, type Peer, replyBytes, type Script } from './peer.js';
import { prop } from './prop.js';
import { run } from './support.js';

const SHORT = 15;

/** What a back-end does in place of answering one request. */
const act = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'lawful' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'silent' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('raw' as const), bytes: fc.uint8Array({ maxLength: 60 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('reply' as const),
      request: fc.constantFrom(0, 1, 42, 43, 99),
      value: fc.constantFrom(0n, 1n, 0x100n, 0x101n),
      fds: fc.nat(3),
      times: fc.integer({ min: 1, max: 3 }),
      bytes: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('huge' as const), size: fc.nat(100_000) }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

const script =
  (acts: readonly Act[]): Script =>
  async (peer) => {
    let turn = 0;
    for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
      try {
        if (!(await perform(peer, acts[turn++ % acts.length]!, () => lawful(peer, got, new Uint8Array(5_000))))) return;
      } catch (error) {
        // What a trace hands over may be anything: a directory cannot be written.
        if (!(error instanceof Error && 'code' in error)) throw error;
        if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return;
      } finally {
        for (const d of got.fds) if (!d.closed) d.close();
      }
    }
  };

/** @returns false when the connection is to end. */
async function perform(peer: Peer, what: Act, answer: () => Promise<void>): Promise<boolean> {
  if (what.do === 'close') return false;
  if (what.do === 'lawful') await answer();
  if (what.do === 'raw') await peer.raw(what.bytes);
  if (what.do === 'huge') await peer.raw(encodeHeader({ request: 1, flags: 5, size: what.size }));
  if (what.do === 'reply') {
    const fds: Descriptor[] = Array.from({ length: what.fds }, () => eventfd('gift'));
    const bytes = replyBytes(what.request, what.value).subarray(0, what.bytes);
    try {
      for (let i = 0; i < what.times; i++) await peer.raw(bytes, fds);
    } finally {
      for (const d of fds) d.close();
    }
  }
  return true;
}

/** Waits that a back-end which never closes its end would make last for seconds. */
const brief = (trace: Trace): Trace =>
  trace.map((step) => (step.do === 'linger' ? { ...step, ms: step.ms % 5 } : step));

prop(
  'whatever a back-end does, a trace ends in bounded time, throws nothing and leaves nothing behind',
  fc.tuple(traceArbitrary(10), fc.array(act, { minLength: 1, maxLength: 8 })),
  async ([trace, acts]) => {
    const begin = performance.now();
    const history = await run(brief(trace), script(acts), SHORT);
    let step = 0;
    for (const event of history.events) {
      // A glued message is told when it goes out, at its own step.
      if (event.type !== 'sent') expect(event.step).toBeGreaterThanOrEqual(step);
      step = Math.max(step, event.step);
      expect(event.step).toBeLessThanOrEqual(trace.length);
    }
    expect(performance.now() - begin).toBeLessThan(10_000);
  },
  120,
);
