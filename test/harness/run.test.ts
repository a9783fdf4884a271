import { expect, test } from 'vitest';
import type { History } from '../../harness/history.js';
import type { Trace } from '../../harness/trace/step.js';
import { decodePayload, encodeHeader, FLAG_NEED_REPLY, Request, VERSION } from '../../model/wire/index.js';
import { addon } from '../../native/addon.js';
import { type Descriptor, pipe, waitFor } from '../../native/index.js';
import { lawful, lawfulScript, OFFERED, replyBytes, type Script } from './peer.js';
import { DEADLINE, ofType, order, run } from './support.js';

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 31) & 0xff);

test('an empty trace is a barrier', async () => {
  const history = await run([], lawfulScript());
  expect(order(history)).toEqual(['0:sent', '0:message 1', '0:held', '0:held parted']);
  expect(history.deadlineMs).toBe(200);
});

test('a save comes whole, and the channel is let go', async () => {
  const state = bytes(300_000);
  const history = await run(
    [
      { do: 'open', name: 'pipe1', kind: 'pipe' },
      {
        do: 'call',
        message: 'SET_DEVICE_STATE_FD',
        with: { direction: 0, phase: 0 },
        fds: ['pipe1.w'],
        channel: 'pipe1.r',
      },
      { do: 'close', name: 'pipe1.w' },
      { do: 'read', name: 'pipe1.r', into: 's' },
      { do: 'call', message: 'CHECK_DEVICE_STATE' },
    ],
    lawfulScript(state),
  );
  expect(history.states.s).toEqual(state);
  expect(order(history)).toEqual([
    '1:sent',
    '1:message 42',
    '3:read',
    '4:sent',
    '4:message 43',
    '4:held',
    '5:sent',
    '5:message 1',
    '5:held',
    '5:closing',
    '5:held parted',
  ]);
  expect(ofType(history, 'held').map((event) => event.names)).toEqual([[], [], []]);
});

test('offered values resolve against the last reply of their own word', async () => {
  const history = await run(
    [
      { do: 'call', message: 'SET_FEATURES', with: { value: 'offered' }, needReply: true },
      { do: 'call', message: 'GET_FEATURES' },
      { do: 'call', message: 'GET_PROTOCOL_FEATURES' },
      { do: 'send', message: 'SET_FEATURES', with: { value: 'offered & ~0x40000000' } },
      { do: 'send', message: 'SET_PROTOCOL_FEATURES', with: { value: 'offered & 0x80008' } },
    ],
    lawfulScript(),
  );
  const values = ofType(history, 'sent').map((event) => event.value);
  expect(values.slice(0, 5)).toEqual([0n, undefined, undefined, OFFERED.features & ~0x40000000n, 0x80008n]);
});

test('own channel: the name means the received descriptor, also where the reply is taken later', async () => {
  for (const later of [false, true]) {
    const script: Script = async (peer) => {
      const own = pipe('own');
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        if (got.request !== Request.SET_DEVICE_STATE_FD) {
          await lawful(peer, got);
          continue;
        }
        for (const d of got.fds) d.close();
        await peer.reply(got.request, 0n, [own.r]);
        own.r.close();
        own.w.write(bytes(100));
        own.w.close();
      }
    };
    const set = {
      message: 'SET_DEVICE_STATE_FD',
      with: { direction: 0, phase: 0 },
      fds: ['pipe1.w'],
      channel: 'pipe1.r',
    } as const;
    const history = await run(
      [
        { do: 'open', name: 'pipe1', kind: 'pipe' },
        { do: later ? 'send' : 'call', ...set },
        { do: 'send', message: 'SET_VRING_ENABLE', with: { index: 0, num: 0 } },
        { do: 'await', replies: later ? 1 : 0 },
        { do: 'read', name: 'pipe1.r', into: 's' },
        { do: 'call', message: 'CHECK_DEVICE_STATE' },
      ],
      script,
    );
    expect(history.states.s).toEqual(bytes(100));
    const reply = ofType(history, 'message').find((event) => event.request === Request.SET_DEVICE_STATE_FD)!;
    expect(reply.step).toBe(later ? 3 : 1);
    expect(reply.descriptors).toEqual([{ kind: 'fifo', access: 'read' }]);
  }
});

test('a message split and glued is the same message', async () => {
  const seen: number[] = [];
  const history = await run(
    [
      { do: 'send', message: 'SET_OWNER', glue: true },
      { do: 'call', message: 'GET_FEATURES', cut: [1, 5, 12] },
      { do: 'send', message: 'SET_OWNER', glue: true },
      { do: 'open', name: 'm', kind: 'memfd' },
    ],
    async (peer) => {
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        seen.push(got.request);
        await lawful(peer, got);
      }
    },
  );
  expect(seen).toEqual([3, 1, 3, 1]);
  expect(order(history)).toEqual([
    '0:sent',
    '1:sent',
    '1:message 1',
    '2:sent',
    '4:sent',
    '4:message 1',
    '4:held',
    '4:closing',
    '4:held parted',
  ]);
});

test('a cut-off message is followed by no barrier', async () => {
  const history = await run([{ do: 'call', message: 'GET_FEATURES', only: 7 }], lawfulScript());
  expect(order(history)).toEqual(['0:sent', '1:held', '1:held parted']);
  expect(ofType(history, 'sent')[0]).toMatchObject({ bytes: 7, complete: true });
});

test('signals of call and err eventfds, never of kicks', async () => {
  const history = await run(
    [
      { do: 'open', name: 'call0', kind: 'eventfd' },
      { do: 'open', name: 'kick0', kind: 'eventfd' },
      { do: 'send', message: 'SET_VRING_CALL', with: { value: 0 }, fds: ['call0'] },
      { do: 'send', message: 'SET_VRING_KICK', with: { value: 0 }, fds: ['kick0'] },
      { do: 'kick', name: 'kick0' },
      { do: 'call', message: 'GET_FEATURES' },
    ],
    async (peer) => {
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        if (got.request === Request.SET_VRING_CALL) got.fds[0]!.write(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0]));
        await lawful(peer, got);
      }
    },
  );
  expect(ofType(history, 'signal')).toMatchObject([{ name: 'call0', count: 3n, step: 5, on: 'a' }]);
});

test('a back-end that waits for an answer on its own channel gets it', async () => {
  let answer: Uint8Array | undefined;
  const history = await run(
    [
      { do: 'open', name: 'req', kind: 'socketpair' },
      { do: 'send', message: 'SET_BACKEND_REQ_FD', fds: ['req.b'] },
      { do: 'call', message: 'GET_FEATURES' },
    ],
    async (peer) => {
      let channel: Descriptor | undefined;
      for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
        if (got.request === Request.SET_BACKEND_REQ_FD) channel = got.fds.shift();
        if (got.request === Request.GET_FEATURES && channel !== undefined) {
          channel.write(encodeHeader({ request: 2, flags: VERSION | FLAG_NEED_REPLY, size: 0 }));
          await waitFor(channel, 'readable', 5_000);
          answer = channel.read(100) as Uint8Array;
          channel.close();
          channel = undefined;
        }
        await lawful(peer, got);
      }
    },
  );
  expect(ofType(history, 'backend-message')).toMatchObject([{ request: 2, flags: 9, step: 2 }]);
  expect(answer).toEqual(replyBytes(2, 0n));
  expect(ofType(history, 'quiet')).toEqual([]);
});

test('quiet costs one deadline, and a late answer is recorded when it comes', async () => {
  const history = await run(
    [
      { do: 'call', message: 'CHECK_DEVICE_STATE' },
      { do: 'call', message: 'GET_FEATURES' },
    ],
    async (peer) => {
      const check = await peer.next();
      const next = await peer.next();
      await peer.reply(check!.request, 1n);
      await lawful(peer, next!);
      await lawful(peer, (await peer.next())!);
      await peer.next();
    },
  );
  expect(order(history)).toEqual([
    '0:sent',
    '0:quiet',
    '1:sent',
    '1:message 43',
    '1:held',
    '1:message 1',
    '2:sent',
    '2:message 1',
    '2:held',
    '2:held parted',
  ]);
  expect(ofType(history, 'quiet')[0]!.waitedMs).toBeGreaterThanOrEqual(199);
});

const unread: Trace = [
  { do: 'open', name: 'pipe1', kind: 'pipe' },
  { do: 'call', message: 'SET_DEVICE_STATE_FD', with: { direction: 1, phase: 0 }, fds: ['pipe1.r'] },
  { do: 'call', message: 'CHECK_DEVICE_STATE' },
  { do: 'call', message: 'CHECK_DEVICE_STATE' },
  { do: 'close', name: 'pipe1.w' },
];

test('an answer that waits for the end of a channel comes when the trace is over and everything is closed', async () => {
  const history = await run(unread.slice(0, 3), lawfulScript());
  expect(order(history)).toEqual([
    '1:sent',
    '1:message 42',
    '2:sent',
    '2:quiet',
    '3:held',
    '3:closing',
    '3:sent',
    '3:message 43',
    '3:held',
    '3:message 1',
    '3:held parted',
  ]);
});

test('a pipe that the back-end made larger is told before something is closed', async () => {
  const trace: Trace = [...unread.slice(0, 2), { do: 'close', name: 'pipe1' }];
  const grow: Script = async (peer) => {
    for (let got = await peer.next(); got !== undefined; got = await peer.next()) {
      if (got.request === Request.SET_DEVICE_STATE_FD) addon.capacity(got.fds[0]!.fd, 1 << 20);
      await lawful(peer, got);
    }
  };
  expect(ofType(await run(trace, grow), 'grown')).toMatchObject([{ step: 2, name: 'pipe1', bytes: 1 << 20 }]);
  expect(ofType(await run(trace, lawfulScript()), 'grown')).toEqual([]);
});

test('whoever has seen enough is asked behind a vain wait only, and ends it there', async () => {
  const asked: number[] = [];
  const until = (soFar: History, step: number) => {
    expect(soFar.events.at(-1)!.type).toBe('quiet');
    return asked.push(step) === 2;
  };
  const history = await run(unread, lawfulScript(), DEADLINE, until);
  expect(asked).toEqual([2, 3]);
  expect(order(history).at(-1)).toBe('3:quiet');
});

test('a connection that is gone is told once; later messages are not sent', async () => {
  const history = await run(
    [
      { do: 'call', message: 'GET_FEATURES' },
      { do: 'call', message: 'GET_FEATURES' },
      { do: 'send', message: 'SET_OWNER' },
      { do: 'disconnect' },
      { do: 'send', message: 'SET_OWNER' },
      { do: 'connect' },
      { do: 'call', message: 'GET_FEATURES' },
    ],
    async (peer, connection) => {
      if (connection === 0) await peer.next();
      else await lawfulScript()(peer, connection);
    },
  );
  expect(order(history)).toEqual([
    '0:sent',
    '0:gone',
    '1:sent',
    '2:sent',
    '4:skipped',
    '5:connected',
    '6:sent',
    '6:message 1',
    '7:sent',
    '7:message 1',
    '7:held',
    '7:held parted',
  ]);
  expect(ofType(history, 'sent')[1]).toMatchObject({ bytes: 0, complete: false });
});

test('numbers of a GET_VRING_BASE reply arrive as they were sent', async () => {
  const history = await run([{ do: 'call', message: 'GET_VRING_BASE', with: { index: 3 } }], lawfulScript());
  const reply = ofType(history, 'message')[0]!;
  expect(decodePayload('vring-state', reply.payload)).toEqual({ index: 3, num: 0 });
});
