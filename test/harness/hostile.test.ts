import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history.js';
import { limits } from '../../harness/limits.js';
import { runTrace } from '../../harness/run.js';
import type { Trace } from '../../harness/trace/step.js';
import { encodeHeader, Request } from '../../model/wire/index.js';
import { eventfd, memfd, openFile, waitFor } from '../../native/index.js';
import { lawful, lawfulScript, type Peer, readIn, replyBytes, type Script, ScriptedTarget, writeOut } from './peer.js';
import { DEADLINE, ofType, order, run } from './support.js';

const FEATURES = { do: 'call', message: 'GET_FEATURES' } as const;
const SAVE: Trace = [
  { do: 'open', name: 'pipe1', kind: 'pipe' },
  { do: 'call', message: 'SET_DEVICE_STATE_FD', fds: ['pipe1.w'], channel: 'pipe1.r' },
  { do: 'close', name: 'pipe1.w' },
];
const LOAD: Trace = [
  { do: 'open', name: 'pipe1', kind: 'pipe' },
  { do: 'call', message: 'SET_DEVICE_STATE_FD', with: { direction: 1 }, fds: ['pipe1.r'], channel: 'pipe1.w' },
  { do: 'close', name: 'pipe1.r' },
];

/** Wait until the front-end has left, reading nothing. */
async function untilLeft(peer: Peer): Promise<void> {
  while ((await peer.next()) !== undefined);
}

const last = (events: readonly HistoryEvent[]) => events.at(-1)!;

test('a flood ends the connection, and costs bounded memory', async () => {
  const history = await run([FEATURES, FEATURES, { do: 'send', message: 'SET_OWNER' }], async (peer) => {
    await peer.next();
    for (;;) await peer.raw(replyBytes(2, 0n));
  });
  const messages = ofType(history, 'message');
  expect(messages.length).toBeGreaterThan(limits.floodMessages);
  expect(messages.length).toBeLessThan(limits.floodMessages + 10);
  expect(ofType(history, 'garbage')).toMatchObject([{ reason: 'flood', step: 0 }]);
  expect(ofType(history, 'skipped').map((event) => event.step)).toEqual([1, 2]);
});

test('a flood of descriptors ends it, one of as many as a message takes does not', async () => {
  const many = Array.from({ length: limits.descriptors }, (_, i) => memfd(`one of many ${i}`));
  try {
    const flooded = await run([FEATURES], async (peer) => {
      await peer.next();
      for (;;) await peer.raw(replyBytes(2, 0n), many);
    });
    expect(ofType(flooded, 'garbage')).toMatchObject([{ reason: 'flood' }]);
    expect(ofType(flooded, 'message').length).toBeLessThan(10);

    const generous = await run([FEATURES, FEATURES, FEATURES], async (peer) => {
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        await peer.raw(replyBytes(got.request, 0n), many);
      }
    });
    expect(ofType(generous, 'garbage')).toEqual([]);
    expect(ofType(generous, 'message').map((event) => event.descriptors.length)).toEqual(Array(4).fill(many.length));
  } finally {
    for (const d of many) d.close();
  }
});

test('a flood of large messages ends it by its bytes', async () => {
  const big = new Uint8Array(12 + 60_000);
  big.set(encodeHeader({ request: 2, flags: 5, size: 60_000 }));
  const history = await run([FEATURES], async (peer) => {
    for (;;) await peer.raw(big);
  });
  expect(ofType(history, 'garbage')).toMatchObject([{ reason: 'flood' }]);
  expect(ofType(history, 'message').length).toBeLessThan(20);
});

test('a header beyond all limits is garbage, and nothing waits for its payload', async () => {
  const history = await run([FEATURES], async (peer) => {
    await peer.next();
    await peer.raw(encodeHeader({ request: 1, flags: 5, size: limits.payload + 1 }));
    await untilLeft(peer);
  });
  expect(ofType(history, 'garbage')).toMatchObject([{ reason: 'oversize' }]);
  expect(ofType(history, 'quiet')).toEqual([]);
});

test('a message that never becomes whole costs one deadline a call', async () => {
  const begin = performance.now();
  const history = await run([FEATURES], async (peer) => {
    await peer.next();
    await peer.raw(encodeHeader({ request: 1, flags: 5, size: 60_000 }));
    while (!peer.socket.closed && !(await waitFor(peer.socket, 'readable', 5))) await peer.raw(new Uint8Array(1));
    await untilLeft(peer);
  });
  expect(order(history).filter((line) => !line.includes('held'))).toEqual([
    '0:sent',
    '0:quiet',
    '1:sent',
    '1:quiet',
    '1:garbage',
  ]);
  expect(performance.now() - begin).toBeLessThan(4 * DEADLINE);
});

test.each(Array.from({ length: 20 }, (_, bytes) => bytes))(
  'the connection ends after %i bytes of a reply',
  async (bytes) => {
    const history = await run([FEATURES, FEATURES], async (peer) => {
      await peer.next();
      await peer.raw(replyBytes(1, 0n).subarray(0, bytes));
    });
    const seen = order(history).filter((line) => !line.includes('held'));
    expect(seen).toEqual(['0:sent', ...(bytes === 0 ? [] : ['0:garbage']), '0:gone', '1:sent']);
    for (const event of ofType(history, 'garbage'))
      expect([event.reason, event.bytes.length]).toEqual(['cut-off', bytes]);
  },
);

test('a reply with 253 descriptors: all told, all closed', async () => {
  const history = await run([FEATURES], async (peer) => {
    const got = await peer.next();
    const event = eventfd('many');
    await peer.reply(got!.request, 0n, Array(253).fill(event));
    event.close();
    await lawfulScript()(peer, 0);
  });
  expect(ofType(history, 'message')[0]!.descriptors).toEqual(Array(253).fill({ kind: 'eventfd', access: 'both' }));
});

test('descriptors with half a message, and with garbage, are closed', async () => {
  for (const bytes of [replyBytes(1, 0n).subarray(0, 5), encodeHeader({ request: 1, flags: 5, size: 1 << 20 })]) {
    await run([FEATURES], async (peer) => {
      await peer.next();
      const event = eventfd('half');
      await peer.raw(bytes, [event]);
      event.close();
    });
  }
});

test('a back-end that reads nothing blocks us for one deadline', async () => {
  const raw = '00'.repeat(60_000);
  const begin = performance.now();
  const history = await run(
    Array.from({ length: 20 }, () => ({ do: 'send', message: 'SET_OWNER', raw, size: 0 }) as const),
    async (peer) => {
      while (!peer.socket.closed && peer.socket.pending() < 150_000) await new Promise((r) => setTimeout(r, 10));
      await new Promise((r) => setTimeout(r, 2 * DEADLINE));
    },
    100,
  );
  expect(ofType(history, 'sent').filter((event) => !event.complete).length).toBeGreaterThan(0);
  expect(performance.now() - begin).toBeLessThan(20_000);
});

test('a descriptor comes together with an error: the error counts', async () => {
  const history = await run([...SAVE, { do: 'read', name: 'pipe1.r', bytes: 1 }], async (peer) => {
    const got = await peer.next();
    const event = eventfd('own');
    await peer.reply(got!.request, 0x01n, [event]);
    event.close();
    for (const d of got!.fds) d.close();
    await lawfulScript()(peer, 0);
  });
  expect(ofType(history, 'message')[0]!.descriptors.length).toBe(1);
  // Our own end is still there, and the other one is closed everywhere.
  expect(ofType(history, 'read')).toMatchObject([{ outcome: 'eof', bytes: 0 }]);
});

test('an endless stream is given up at the limit', async () => {
  const history = await run(
    [...SAVE, { do: 'read', name: 'pipe1.r' }, { do: 'close', name: 'pipe1.r' }],
    async (peer) => {
      const got = await peer.next();
      await peer.reply(got!.request, 0x100n);
      try {
        await writeOut(got!.fds[0]!, new Uint8Array(limits.readBytes + 65_537));
      } catch {
        got!.fds[0]!.close();
      }
      await lawfulScript()(peer, 0);
    },
  );
  expect(ofType(history, 'read')).toMatchObject([{ outcome: 'endless', bytes: limits.readBytes }]);
});

test('a channel that nobody serves costs one deadline each way', async () => {
  const keeper: Script = async (peer) => {
    const got = await peer.next();
    await peer.reply(got!.request, 0x100n);
    await lawfulScript()(peer, 0);
    for (const d of got!.fds) d.close();
  };
  const read = await run([...SAVE, { do: 'read', name: 'pipe1.r' }], keeper);
  expect(ofType(read, 'read')).toMatchObject([{ outcome: 'blocked', bytes: 0 }]);
  const write = await run([...LOAD, { do: 'write', name: 'pipe1.w', pattern: 100_000 }], keeper);
  expect(ofType(write, 'wrote')).toMatchObject([{ outcome: 'blocked', bytes: 65_536, of: 100_000 }]);
});

test('a reader that leaves early is gone, not a signal', async () => {
  const history = await run([...LOAD, { do: 'write', name: 'pipe1.w', pattern: 1_000_000 }], async (peer) => {
    const got = await peer.next();
    await peer.reply(got!.request, 0x100n);
    got!.fds[0]!.close();
    await lawfulScript()(peer, 0);
  });
  expect(ofType(history, 'wrote')).toMatchObject([{ outcome: 'gone' }]);
});

test('a channel that is not let go after CHECK, and after we left, is named', async () => {
  let keep = (): void => {};
  const history = await run(
    [...LOAD, { do: 'close', name: 'pipe1.w' }, { do: 'call', message: 'CHECK_DEVICE_STATE' }],
    async (peer) => {
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        const copy = got.fds[0]?.dup('leak');
        if (copy !== undefined) keep = () => copy.close();
        await lawful(peer, got);
      }
      // The harness looks once more after it left; only then is the copy closed.
      setTimeout(keep, 3 * DEADLINE);
      await new Promise((r) => setTimeout(r, 3 * DEADLINE + 20));
    },
  );
  expect(ofType(history, 'held').map(({ names, parted, step }) => ({ names, parted, step }))).toEqual([
    { names: ['pipe1'], parted: undefined, step: 4 },
    { names: ['pipe1'], parted: undefined, step: 5 },
    { names: ['pipe1'], parted: true, step: 5 },
  ]);
});

test('a back-end that answers CHECK first and lets go a moment later is in its right', async () => {
  const history = await run(
    [...LOAD, { do: 'close', name: 'pipe1.w' }, { do: 'call', message: 'CHECK_DEVICE_STATE' }],
    async (peer) => {
      const set = await peer.next();
      await peer.reply(set!.request, 0x100n);
      const check = await peer.next();
      await peer.reply(check!.request, 0n);
      setTimeout(() => set!.fds[0]!.close(), 20);
      await lawfulScript()(peer, 0);
    },
  );
  expect(ofType(history, 'held').map((event) => event.names)).toEqual([[], [], []]);
});

test('CHECK before the end of the channel: holding it is no fault, and nothing waits', async () => {
  const begin = performance.now();
  const history = await run(
    [...LOAD, { do: 'call', message: 'CHECK_DEVICE_STATE' }, { do: 'close', name: 'pipe1.w' }],
    async (peer) => {
      const set = await peer.next();
      await peer.reply(set!.request, 0x100n);
      await peer.reply((await peer.next())!.request, 1n);
      await readIn(set!.fds[0]!);
      await lawfulScript()(peer, 0);
    },
    5_000,
  );
  expect(ofType(history, 'held').map((event) => event.names)).toEqual([[], [], []]);
  expect(performance.now() - begin).toBeLessThan(1_000);
});

test('a flood over the back-end channel is told with its name, and the session goes on', async () => {
  const history = await run(
    [
      { do: 'open', name: 'req', kind: 'socketpair' },
      { do: 'call', message: 'SET_BACKEND_REQ_FD', fds: ['req.b'], needReply: true },
      FEATURES,
    ],
    async (peer) => {
      const got = await peer.next();
      const [channel] = got!.fds;
      await peer.reply(got!.request, 0n);
      const message = encodeHeader({ request: 2, flags: 1, size: 0 });
      for (let i = 0; i < limits.floodMessages + 50; i++) {
        if (channel!.write(message) === 0) await waitFor(channel!, 'writable', 1_000);
      }
      channel!.close();
      await lawfulScript()(peer, 0);
    },
  );
  expect(ofType(history, 'garbage')).toMatchObject([{ reason: 'flood', channel: 'req.a' }]);
  expect(ofType(history, 'message').map((event) => event.request)).toEqual([21, 1, 1]);
});

test('a back-end that never says anything ends the trace in bounded time', async () => {
  const begin = performance.now();
  const history = await run([{ do: 'call', message: 'CHECK_DEVICE_STATE' }], untilLeft);
  expect(last(history.events)).toMatchObject({ type: 'held' });
  expect(ofType(history, 'quiet').length).toBe(2);
  expect(performance.now() - begin).toBeLessThan(4 * DEADLINE);
});

test('unknown and wrong steps are skipped with a reason', async () => {
  const history = await run(
    [
      { do: 'close', name: 'nothing' },
      { do: 'open', name: 'q', kind: 'pipe' },
      { do: 'open', name: 'q', kind: 'memfd' },
      { do: 'rewind', name: 'q.r' },
      { do: 'kick', name: 'q.r' },
      { do: 'shutdown', name: 'q.r', how: 'both' },
      { do: 'write', name: 'q.w', state: 'none' },
      { do: 'call', message: 'NO_SUCH' },
      { do: 'call', message: 'SET_VRING_NUM', with: { index: 2 ** 32 } },
      { do: 'send', message: 'SET_OWNER', fds: ['q'] },
      { do: 'call', message: 'SET_OWNER', on: 'b' },
      { do: 'start', session: 'a' },
      { do: 'connect' },
    ],
    lawfulScript(),
  );
  expect(ofType(history, 'skipped').map((event) => event.step)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(ofType(history, 'message').map((event) => event.request)).toEqual([Request.GET_FEATURES]);
});

test('a trace that runs too long has its remaining steps skipped', async () => {
  const target = new ScriptedTarget(untilLeft);
  const trace: Trace = Array(20).fill({ do: 'call', message: 'CHECK_DEVICE_STATE' });
  const history = await runTrace(trace, target, { deadlineMs: 50, workDir: '/nonexistent', traceMs: 120 });
  expect(ofType(history, 'quiet').length).toBeLessThanOrEqual(5);
  expect(ofType(history, 'skipped').at(-1)).toMatchObject({ step: 19, reason: 'the trace ran too long' });
});

test('a connection that ends between a glued message and the next: both are told', async () => {
  const history = await run(
    [
      { do: 'open', name: 'e', kind: 'eventfd' },
      { do: 'send', message: 'SET_OWNER', glue: true },
      { do: 'call', message: 'SET_VRING_CALL', fds: ['e'], needReply: true },
    ],
    async (peer) => peer.socket.close(),
  );
  const told = ofType(history, 'sent').map(({ step, complete }) => ({ step, complete }));
  expect(told).toEqual([
    { step: 1, complete: false },
    { step: 2, complete: false },
  ]);
  expect(ofType(history, 'gone').length).toBe(1);
});

test('what a back-end may have opened itself is not taken for ours', async () => {
  const history = await run(
    [
      { do: 'open', name: 'n', kind: 'null' },
      { do: 'open', name: 'd', kind: 'directory' },
      { do: 'send', message: 'SET_OWNER', fds: ['n', 'd'] },
    ],
    async (peer) => {
      const own = openFile('/dev/null', 'own', 'rw');
      await lawfulScript()(peer, 0);
      setTimeout(() => own.close(), 50);
      await new Promise((resolve) => setTimeout(resolve, 60));
    },
  );
  expect(ofType(history, 'held').map((event) => event.names)).toEqual([[], []]);
});

test('each kind of object is named where it is kept', async () => {
  const kinds = ['pipe', 'socketpair', 'memfd', 'file', 'eventfd', 'directory'] as const;
  const first = { pipe: '.r', socketpair: '.a', memfd: '', file: '', eventfd: '', directory: '' };
  const trace: Trace = [
    ...kinds.map((kind) => ({ do: 'open', name: kind, kind }) as const),
    { do: 'send', message: 'SET_OWNER', fds: kinds.map((kind) => `${kind}${first[kind]}`) },
  ];
  const history = await run(
    trace,
    async (peer) => {
      const got = await peer.next();
      await lawfulScript()(peer, 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const d of got!.fds) d.close();
    },
    30,
  );
  expect(ofType(history, 'held').map((event) => event.names)).toEqual([[...kinds].sort(), [...kinds].sort()]);
});
