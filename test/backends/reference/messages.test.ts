/** Everything beside the transfer on a back-end without faults: framing, negotiation, rings, memory, bad input. */
import { describe, expect, test } from 'vitest';
import { messages, Request, requestName, vringFd } from '../../../model/wire/index.js';
import { type Descriptor, eventfd, memfd, openDirectory, pipe, Socket } from '../../../native/index.js';
import { type Bench, sameBytes, withBench } from './bench.js';
import {
  ACCEPTED,
  check,
  type Extra,
  type FrontEnd,
  LOAD,
  load,
  message,
  NONE,
  numberIn,
  payloadOf,
  readAll,
  SAVE,
  save,
  set,
  stateParameters,
  turns,
  u64,
} from './front-end.js';

const ALL_PROTOCOL = 0x9b22bn;
const ALL_FEATURES = 0x1_7400_0000n;
const REPLY_ACK = 0x8n;

describe('negotiation', () => {
  test('what is offered', () =>
    withBench(async ({ connect }) => {
      const fe = await connect({}, 'plain');
      expect(await fe.number(Request.GET_PROTOCOL_FEATURES)).toBe(ALL_PROTOCOL);
      expect(await fe.number(Request.GET_FEATURES)).toBe(ALL_FEATURES);
      expect(await fe.number(Request.GET_QUEUE_NUM)).toBe(2n);
    }));

  test('protocol features work before and without SET_FEATURES, and without being asked for', () =>
    withBench(async ({ connect }) => {
      const fe = await connect({}, 'plain');
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(ALL_PROTOCOL));
      expect(await fe.number(Request.GET_MAX_MEM_SLOTS)).toBe(32n);
      expect(await fe.number(Request.SET_OWNER, NONE, { needReply: true })).toBe(0n);
    }));

  test('bits that are not offered are refused, and change nothing', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      for (const bit of [2n, 4n, 14n, 18n, 20n, 63n]) {
        const value = u64(ALL_PROTOCOL | (1n << bit));
        expect(await fe.number(Request.SET_PROTOCOL_FEATURES, value, { needReply: true })).toBe(1n);
      }
      for (const bit of [0n, 27n, 33n, 34n, 63n])
        expect(await fe.number(Request.SET_FEATURES, u64(1n << bit), { needReply: true })).toBe(1n);
      expect(await fe.number(Request.SET_FEATURES, u64(ALL_FEATURES), { needReply: true })).toBe(0n);
      expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
    }));

  test('nothing is acknowledged without REPLY_ACK, nor the message that brings it', () =>
    withBench(async ({ connect }) => {
      const fe = await connect({}, 'plain');
      await fe.send(Request.SET_OWNER, NONE, { needReply: true });
      await fe.send(77, NONE, { needReply: true });
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(ALL_PROTOCOL & ~REPLY_ACK), { needReply: true });
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(ALL_PROTOCOL), { needReply: true });
      expect(await fe.silent()).toBe(true);
      // The one that takes it away was sent with it.
      expect(await fe.number(Request.SET_PROTOCOL_FEATURES, u64(0), { needReply: true })).toBe(0n);
      await fe.send(Request.SET_OWNER, NONE, { needReply: true });
      expect(await fe.silent()).toBe(true);
    }));

  test('messages of features that were not negotiated are refused', () =>
    withBench(async ({ connect }) => {
      const fe = await connect({}, 'plain');
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(REPLY_ACK));
      const ask = (request: number, payload: Uint8Array) => fe.number(request, payload, { needReply: true });
      expect(await fe.number(Request.GET_STATUS)).toBe(0n);
      expect(await fe.number(Request.GET_MAX_MEM_SLOTS)).toBe(0n);
      expect(await ask(Request.SET_STATUS, u64(1))).toBe(1n);
      expect(await ask(Request.RESET_DEVICE, NONE)).toBe(1n);
      expect(await ask(Request.SET_CONFIG, payloadOf('config', { size: 1 }))).toBe(1n);
      expect(await fe.call(Request.GET_CONFIG, payloadOf('config', { size: 4 }))).toMatchObject({ payload: NONE });
      expect(await ask(Request.REM_MEM_REG, payloadOf('memory-region', { size: 4096n }))).toBe(1n);
      expect(await ask(Request.SEND_RARP, u64(0))).toBe(1n);
      expect(await ask(Request.NET_SET_MTU, u64(1500))).toBe(1n);
      expect(await ask(Request.VRING_KICK, payloadOf('vring-state', {}))).toBe(1n);
      expect(await ask(Request.IOTLB_MSG, payloadOf('iotlb', { type: 2 }))).toBe(1n);
    }));
});

describe('framing', () => {
  const fdMessage = message(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE));

  for (let at = 1; at < fdMessage.length; at++)
    test(`a message cut after ${at} bytes`, () =>
      withBench(async ({ connect }) => {
        const fe = await connect();
        const { r, w } = pipe('channel');
        const extra = { fds: [w], cut: [at] };
        expect(await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), extra)).toBe(ACCEPTED);
        w.close();
        expect((await readAll(r)).end).toBe('eof');
        r.close();
        expect(await check(fe)).toBe(0n);
      }));

  test('byte by byte', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      const cut = Array.from({ length: fdMessage.length - 1 }, (_, i) => i + 1);
      expect(await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), { fds: [w], cut })).toBe(ACCEPTED);
      w.close();
      expect((await readAll(r)).end).toBe('eof');
      r.close();
    }));

  test('many in one send are answered in their order', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const numbers = Array.from({ length: 300 }, (_, i) => [1, 15, 17, 36, 40][i % 5]!);
      await fe.bytes(Uint8Array.from(numbers.flatMap((n) => [...message(n, NONE)])));
      for (const n of numbers) expect(await fe.next()).toMatchObject({ request: n });
    }));

  test('descriptors stay with their message when several are read together', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const kicks = own(eventfd('kick'), eventfd('kick'));
      await fe.bytes(message(Request.GET_FEATURES, NONE));
      await fe.send(Request.SET_VRING_KICK, u64(vringFd(0, false)), { fds: [kicks[0]!], needReply: true });
      await fe.bytes(message(Request.GET_STATUS, NONE));
      await fe.send(Request.SET_VRING_KICK, u64(vringFd(1, false)), { fds: [kicks[1]!], needReply: true });
      for (const [request, value] of [
        [1, ALL_FEATURES],
        [12, 0n],
        [40, 0n],
        [12, 0n],
      ] as const)
        expect(numberIn(await fe.next(), request)).toBe(value);
    }));

  test('replies that are not read hold up the messages behind them, and lose nothing', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const many = 20_000;
      const one = message(Request.GET_FEATURES, NONE);
      const sent = (async () => {
        for (let i = 0; i < many; i++) await fe.bytes(one);
      })();
      await turns(200);
      for (let i = 0; i < many; i++) expect(await fe.next()).toMatchObject({ request: 1 });
      await sent;
      expect(await fe.silent()).toBe(true);
    }));

  test('the connection ends anywhere in a message', () =>
    withBench(async ({ connect, leave, own }) => {
      const [d] = own(eventfd('kick'));
      for (let at = 0; at <= fdMessage.length; at++) {
        const fe = await connect();
        if (at > 0) await fe.bytes(fdMessage.subarray(0, at), [d!]);
        await turns(3);
        await leave(fe);
      }
    }));

  test('a size beyond every message closes the connection', () =>
    withBench(async ({ connect }) => {
      for (const size of [4097, 0x7fffffff, 0xffffffff]) {
        const fe = await connect();
        expect(await fe.call(Request.SET_FEATURES, u64(0), { size })).toBe('gone');
      }
      const fe = await connect();
      expect(await fe.number(Request.SET_FEATURES, new Uint8Array(4096), { needReply: true })).toBe(1n);
    }));

  test('another version, or a reply in place of a request, is no message', () =>
    withBench(async ({ connect }) => {
      for (const flags of [0, 2, 3, 5]) {
        const fe = await connect();
        expect(await fe.number(Request.SET_OWNER, NONE, { flags: flags | 8 })).toBe(1n);
        expect(await fe.number(Request.CHECK_DEVICE_STATE, NONE, { flags })).toBe(1n);
        expect(await fe.call(Request.GET_FEATURES, NONE, { flags })).toBe('gone');
      }
      // Bits without a meaning are not looked at.
      const fe = await connect();
      expect(await fe.number(Request.SET_OWNER, NONE, { flags: 0xfffffff9 })).toBe(0n);
    }));
});

describe('acknowledgements', () => {
  const region = { guest: 0n, size: 4096n, user: 0x10000n, offset: 0n };
  const cases: [string, Uint8Array, ((own: Bench['own']) => Descriptor[])?][] = [
    ['SET_OWNER', NONE],
    ['RESET_OWNER', NONE],
    ['SET_FEATURES', u64(ALL_FEATURES)],
    ['SET_PROTOCOL_FEATURES', u64(ALL_PROTOCOL)],
    ['SET_MEM_TABLE', payloadOf('memory', { regions: [region] }), (own) => own(memfd('memory', 4096))],
    ['SET_LOG_FD', NONE, (own) => own(eventfd('log'))],
    ['SET_VRING_NUM', payloadOf('vring-state', { index: 1, num: 256 })],
    ['SET_VRING_ADDR', payloadOf('vring-address', { index: 1 })],
    ['SET_VRING_BASE', payloadOf('vring-state', { index: 1, num: 3 })],
    ['SET_VRING_KICK', u64(1), (own) => own(eventfd('kick'))],
    ['SET_VRING_CALL', u64(0x101)],
    ['SET_VRING_ERR', u64(0), (own) => own(eventfd('err'))],
    ['SET_VRING_ENABLE', payloadOf('vring-state', { index: 0, num: 1 })],
    ['SET_BACKEND_REQ_FD', NONE, (own) => own(...Socket.pair(['a', 'b'])).slice(1)],
    ['SET_CONFIG', payloadOf('config', { offset: 0, size: 2 })],
    ['SET_STATUS', u64(0xf)],
    ['RESET_DEVICE', NONE],
    ['ADD_MEM_REG', payloadOf('memory-region', { ...region, guest: 8192n, user: 0n }), (own) => own(memfd('m', 4096))],
    [
      'SET_INFLIGHT_FD',
      payloadOf('inflight', { size: 8192n, queues: 2, queueSize: 128 }),
      (own) => own(memfd('inflight', 8192)),
    ],
  ];
  for (const [name, payload, fds] of cases)
    test(`${name} is acknowledged when asked to, and else silent`, () =>
      withBench(async ({ connect, own }) => {
        const fe = await connect();
        const request = messages[name as keyof typeof messages].number;
        const extra = fds === undefined ? {} : { fds: fds((...all) => own(...all)) };
        expect(await fe.number(request, payload, { ...extra, needReply: true })).toBe(0n);
        await fe.send(request, payload, extra);
        expect(await fe.silent()).toBe(true);
        // And refused, with one byte too many, or one descriptor too many.
        expect(await fe.number(request, Uint8Array.from([...payload, 0]), { ...extra, needReply: true })).toBe(1n);
        const more = own(...Array.from({ length: 9 }, () => memfd('too many', 0)));
        expect(await fe.number(request, payload, { fds: more, needReply: true })).toBe(1n);
      }));

  test('need_reply changes nothing for messages with replies', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      for (const request of [1, 15, 17, 36, 40, 43]) {
        expect(typeof (await fe.number(request, NONE, { needReply: true }))).toBe('bigint');
        expect(await fe.silent()).toBe(true);
      }
      const base = await fe.call(Request.GET_VRING_BASE, payloadOf('vring-state', { index: 0 }), { needReply: true });
      expect(base).toMatchObject({ request: 11, payload: payloadOf('vring-state', {}) });
      expect(await fe.silent()).toBe(true);
    }));
});

describe('rings', () => {
  const index = (n: number, num = 0) => payloadOf('vring-state', { index: n, num });
  const base = async (fe: FrontEnd, n: number): Promise<number | string> => {
    const answer = await fe.call(Request.GET_VRING_BASE, index(n));
    return typeof answer === 'string' ? answer : new DataView(answer.payload.buffer).getUint32(4, true);
  };

  test('the base is what was set, for each ring by itself, and stays', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      await fe.send(Request.SET_VRING_BASE, index(0, 7));
      await fe.send(Request.SET_VRING_BASE, index(1, 0xffff));
      expect([await base(fe, 0), await base(fe, 1), await base(fe, 0)]).toEqual([7, 0xffff, 7]);
      await save(fe);
      expect([await base(fe, 0), await base(fe, 1)]).toEqual([7, 0xffff]);
      await fe.send(Request.RESET_DEVICE);
      expect([await base(fe, 0), await base(fe, 1)]).toEqual([0, 0]);
    }));

  test('an index that there is not', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      for (const n of [2, 255, 0xffffffff]) {
        for (const request of [Request.SET_VRING_NUM, Request.SET_VRING_BASE, Request.SET_VRING_ENABLE])
          expect(await fe.number(request, index(n, 1), { needReply: true })).toBe(1n);
        const address = payloadOf('vring-address', { index: n });
        expect(await fe.number(Request.SET_VRING_ADDR, address, { needReply: true })).toBe(1n);
      }
      for (const request of [Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR])
        expect(await fe.number(request, u64(vringFd(2, true)), { needReply: true })).toBe(1n);
      expect(await base(fe, 2)).toBe('gone');
    }));

  test('values out of range', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      expect(await fe.number(Request.SET_VRING_NUM, index(0, 0), { needReply: true })).toBe(1n);
      expect(await fe.number(Request.SET_VRING_NUM, index(0, 32769), { needReply: true })).toBe(1n);
      expect(await fe.number(Request.SET_VRING_NUM, index(0, 32768), { needReply: true })).toBe(0n);
      expect(await fe.number(Request.SET_VRING_ENABLE, index(0, 2), { needReply: true })).toBe(1n);
    }));

  test('bit 8 says whether a descriptor comes', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const [d] = own(eventfd('kick'));
      for (const request of [Request.SET_VRING_KICK, Request.SET_VRING_CALL, Request.SET_VRING_ERR]) {
        expect(await fe.number(request, u64(0x100), { fds: [d!], needReply: true })).toBe(1n);
        expect(await fe.number(request, u64(0), { needReply: true })).toBe(1n);
        expect(await fe.number(request, u64(0), { fds: [d!], needReply: true })).toBe(0n);
        expect(await fe.number(request, u64(0x100), { needReply: true })).toBe(0n);
      }
    }));

  test('kicks are taken, whatever they come from', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const kick = eventfd('kick');
      own(kick);
      await fe.send(Request.SET_VRING_KICK, u64(0), { fds: [kick] });
      for (const n of [1n, 3n, 0xffff_ffff_ffff_fffen]) {
        expect(kick.signal(n)).toBe(true);
        expect(await fe.silent()).toBe(true);
        await turns();
        expect(kick.take()).toBe(0n);
      }
      const { r, w } = pipe('kick');
      own(r, w);
      await fe.send(Request.SET_VRING_KICK, u64(0), { fds: [r] });
      for (let i = 0; i < 10; i++) {
        w.write(new Uint8Array(60_000));
        expect(await fe.silent()).toBe(true);
      }
      const [ours, theirs] = Socket.pair(['a', 'b']);
      own(ours, theirs);
      await fe.send(Request.SET_VRING_KICK, u64(1), { fds: [theirs] });
      ours.write(Uint8Array.of(1));
      expect(await fe.silent()).toBe(true);
    }));

  test('a kick descriptor that can say nothing more costs no time', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const closed = pipe('kick');
      closed.w.close();
      const { r, w } = pipe('kick');
      own(closed.r, r, w);
      await fe.send(Request.SET_VRING_KICK, u64(0), { fds: [closed.r] });
      await fe.send(Request.SET_VRING_KICK, u64(1), { fds: [w] });
      expect(await fe.silent()).toBe(true);
      await turns();
      const before = process.cpuUsage();
      expect(await fe.next(200)).toBe('quiet');
      const { user, system } = process.cpuUsage(before);
      expect(user + system).toBeLessThan(100_000);
    }));

  test('what cannot kick is refused', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      for (const d of own(memfd('memory', 4096), openDirectory('/', 'directory')))
        expect(await fe.number(Request.SET_VRING_KICK, u64(0), { fds: [d], needReply: true })).toBe(1n);
    }));

  test('a suspended device is quiet', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const [kick, call, err] = [eventfd('kick'), eventfd('call'), eventfd('err')];
      const [ours, theirs] = Socket.pair(['a', 'b']);
      own(kick, call, err);
      own(ours, theirs);
      await fe.send(Request.SET_BACKEND_REQ_FD, NONE, { fds: [theirs] });
      await fe.send(Request.SET_VRING_KICK, u64(0), { fds: [kick] });
      await fe.send(Request.SET_VRING_ENABLE, index(0, 1));
      kick.signal();
      await turns();
      await fe.call(Request.GET_VRING_BASE, index(0));
      await fe.send(Request.SET_VRING_CALL, u64(0), { fds: [call] });
      await fe.send(Request.SET_VRING_ERR, u64(0), { fds: [err] });
      kick.signal();
      expect(await save(fe)).toMatchObject({ check: 0n });
      await turns();
      expect([call.take(), err.take(), ours.receive(100)]).toEqual([0n, 0n, undefined]);
      // Nobody took the late kick.
      expect(kick.take()).toBe(1n);
    }));
});

describe('configuration, status, memory', () => {
  const config = (offset: number, size: number, flags = 0) =>
    payloadOf('config', { offset, size, flags, payload: new Uint8Array(Math.min(size, 300)).fill(0x5a) });
  const writes = (fe: FrontEnd, offset: number, size: number, flags = 0) =>
    fe.number(Request.SET_CONFIG, config(offset, size, flags), { needReply: true });

  test('the configuration is bounded, and partly read-only', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      for (const [offset, size] of [
        [0, 0],
        [0, 65],
        [64, 1],
        [0xffffffff, 1],
      ] as const) {
        expect(await fe.call(Request.GET_CONFIG, config(offset, size))).toMatchObject({ payload: NONE });
        expect(await writes(fe, offset, size, 1)).toBe(1n);
      }
      expect(await writes(fe, 40, 9)).toBe(1n);
      expect(await writes(fe, 40, 9, 1)).toBe(0n);
      expect(await writes(fe, 0, 4, 2)).toBe(1n);
      expect(await fe.call(Request.GET_CONFIG, config(40, 9))).toMatchObject({ payload: config(40, 9) });
    }));

  test('the status is kept, and status 0 costs no state', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      await fe.send(Request.SET_STATUS, u64(0x8f));
      expect(await fe.number(Request.GET_STATUS)).toBe(0x8fn);
      expect(await writes(fe, 0, 4)).toBe(0n);
      const before = (await save(fe)).bytes;
      await fe.send(Request.SET_STATUS, u64(0));
      expect(await fe.number(Request.GET_STATUS)).toBe(0n);
      expect(sameBytes((await save(fe)).bytes, before)).toBe(true);
      expect(await fe.number(Request.SET_STATUS, u64(256), { needReply: true })).toBe(1n);
    }));

  test('a memory table is taken whole or not at all', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const memory = own(...Array.from({ length: 9 }, () => memfd('memory', 4096)));
      const regions = (n: number, size = 4096n) =>
        Array.from({ length: n }, (_, i) => ({ guest: BigInt(i) * 8192n, size, user: BigInt(i) * 8192n, offset: 0n }));
      const table = (n: number, fds = n, size?: bigint) =>
        fe.number(Request.SET_MEM_TABLE, payloadOf('memory', { regions: regions(n, size) }), {
          fds: memory.slice(0, fds),
          needReply: true,
        });
      expect([await table(0), await table(8), await table(9)]).toEqual([0n, 0n, 1n]);
      expect([await table(2, 1), await table(1, 2), await table(2, 2, 8193n), await table(1, 1, 0n)]).toEqual(
        Array(4).fill(1n),
      );
      const event = own(eventfd('no memory'));
      expect(
        await fe.number(Request.SET_MEM_TABLE, payloadOf('memory', { regions: regions(1) }), {
          fds: event,
          needReply: true,
        }),
      ).toBe(1n);
    }));

  test('memory slots', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const [memory] = own(memfd('memory', 4096));
      const region = (i: number, offset = 0n) =>
        payloadOf('memory-region', { guest: BigInt(i) * 4096n, size: 4096n, user: BigInt(i) * 4096n, offset });
      const add = (i: number) => fe.number(Request.ADD_MEM_REG, region(i), { fds: [memory!], needReply: true });
      const remove = (i: number, fds: Descriptor[] = []) =>
        fe.number(Request.REM_MEM_REG, region(i, 99n), { fds, needReply: true });
      for (let i = 0; i < 32; i++) expect(await add(i)).toBe(0n);
      expect(await add(32)).toBe(1n);
      expect(await remove(32)).toBe(1n);
      expect(await remove(5, [memory!])).toBe(0n);
      expect(await remove(5)).toBe(1n);
      expect(await add(4)).toBe(1n);
      expect(await add(5)).toBe(0n);
    }));

  test('the dirty log', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const [log] = own(memfd('log', 4096));
      const area = payloadOf('log', { size: 4096n });
      expect(await fe.call(Request.SET_LOG_BASE, area, { fds: [log!] })).toMatchObject({ request: 6, payload: NONE });
      expect(await fe.call(Request.SET_LOG_BASE, area)).toBe('gone');
      const old = await connect({}, 'plain');
      await old.negotiate(REPLY_ACK);
      expect(await old.number(Request.SET_LOG_BASE, u64(0), { needReply: true })).toBe(0n);
      expect(await old.number(Request.SET_LOG_BASE, area, { fds: [log!], needReply: true })).toBe(1n);
    }));

  test('the inflight area comes from the back-end and goes back to it', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const ask = (queues: number, queueSize: number) =>
        fe.call(Request.GET_INFLIGHT_FD, payloadOf('inflight', { queues, queueSize }));
      const answer = await ask(2, 128);
      if (typeof answer === 'string') throw new Error(answer);
      const [area] = answer.descriptors;
      expect(area!.stat()).toMatchObject({
        kind: 'memfd',
        size: new DataView(answer.payload.buffer).getBigUint64(0, true),
      });
      const extra = { fds: [area!], needReply: true };
      expect(await fe.number(Request.SET_INFLIGHT_FD, answer.payload.slice(0, 20), extra)).toBe(0n);
      for (const [queues, size] of [
        [0, 128],
        [3, 128],
        [1, 0],
        [1, 32769],
      ] as const)
        expect(await ask(queues, size)).toMatchObject({ descriptors: [] });
    }));
});

describe('bad input ends nothing and leaks nothing', () => {
  const sizes = [0, 1, 4, 7, 8, 9, 12, 16, 20, 24, 32, 40, 264, 4096];
  /** Those whose reply has no room for an error, by what they need. */
  const closes = new Set<number>([Request.GET_VRING_BASE, Request.SET_LOG_BASE]);

  for (let request = 0; request <= 50; request++)
    test(requestName(request), () =>
      withBench(async ({ connect, own, leave }) => {
        const fds = own(
          memfd('fd', 4096),
          eventfd('fd'),
          ...Object.values(pipe('fd')),
          ...Array.from({ length: 8 }, () => memfd('fd')),
        );
        let fe = await connect();
        for (const size of sizes)
          for (const count of [0, 1, 2, 11])
            for (const needReply of [false, true])
              for (const fill of [0, 0xff]) {
                const extra: Extra = { needReply, fds: fds.slice(0, count) };
                await fe.send(request, new Uint8Array(size).fill(fill), extra);
                if (await answersSoon(fe, request)) continue;
                expect(closes).toContain(request);
                await leave(fe);
                fe = await connect();
              }
        await fe.negotiate();
        expect(await fe.number(Request.GET_FEATURES)).toBe(ALL_FEATURES);
      }),
    );

  /** Whether a question is still answered, behind at most one reply and one acknowledgement to `request`. */
  async function answersSoon(fe: FrontEnd, request: number): Promise<boolean> {
    await fe.send(Request.GET_QUEUE_NUM);
    for (let i = 0; i < 3; i++) {
      const answer = await fe.next();
      if (answer === 'gone') return false;
      if (typeof answer === 'string') throw new Error(`${answer} after request ${request}`);
      for (const d of answer.descriptors) d.close();
      if (answer.request === Request.GET_QUEUE_NUM && request !== Request.GET_QUEUE_NUM) return true;
      if (request === Request.GET_QUEUE_NUM && i === 1) return true;
    }
    throw new Error(`too many answers to request ${request}`);
  }

  test('unknown numbers', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      for (const request of [0, 44, 100, 0x7fffffff, 0xffffffff]) {
        expect(await fe.number(request, NONE, { needReply: true })).toBe(1n);
        await fe.send(request, new Uint8Array(100));
      }
      expect(await fe.silent()).toBe(true);
    }));

  test('253 descriptors with every piece of a message', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const fds = own(...Array.from({ length: 253 }, () => memfd('fd')));
      const bytes = message(Request.SET_OWNER, NONE, { needReply: true });
      await fe.bytes(bytes.subarray(0, 3), fds);
      await turns();
      await fe.bytes(bytes.subarray(3, 6), fds);
      await fe.bytes(bytes.subarray(6), fds);
      expect(numberIn(await fe.next(), Request.SET_OWNER)).toBe(1n);
    }));
});

describe('connections one after the other', () => {
  test('find a fresh device of the same identity', () =>
    withBench(async ({ connect, leave, own }) => {
      const options = {};
      const first = await connect(options);
      const other = await connect();
      const fresh = (await save(first)).bytes;
      expect((await load(first, (await save(other)).bytes)).check).toBe(0n);
      expect(sameBytes((await save(first)).bytes, fresh)).toBe(false);
      await leave(first);
      const second = await connect(options, 'plain');
      expect(await check(second)).toBe(1n);
      const { r, w } = pipe('channel');
      own(r);
      expect(await set(second, SAVE, w)).toBe(0x101n);
      await second.negotiate();
      expect(sameBytes((await save(second)).bytes, fresh)).toBe(true);
    }));

  test('any number of them', () =>
    withBench(async ({ connect, leave }) => {
      const options = { stateSize: 100_000 };
      for (let i = 0; i < 300; i++) {
        const fe = await connect(options);
        const { r, w } = pipe('channel');
        const direction = i & 1 ? SAVE : LOAD;
        expect(await set(fe, direction, direction === SAVE ? w : r)).toBe(ACCEPTED);
        await leave(fe);
        for (const d of [r, w]) if (!d.closed) d.close();
      }
    }));
});
