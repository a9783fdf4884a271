/** Saving, loading and checking on a back-end without faults. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { STATE_OVERHEAD } from '../../../backends/reference/index.js';
import { Request } from '../../../model/wire/index.js';
import { eventfd, openDirectory, openFile, pipe, Socket } from '../../../native/index.js';
import { type Channel, channels, sameBytes, withBench } from './bench.js';
import {
  ACCEPTED,
  check,
  type FrontEnd,
  LOAD,
  load,
  payloadOf,
  REFUSED,
  readAll,
  SAVE,
  save,
  set,
  stateParameters,
  turns,
  writeAll,
} from './front-end.js';

const directory = mkdtempSync(join(tmpdir(), 'reference-'));
afterAll(() => rmSync(directory, { recursive: true }));

const DEFAULT_SIZE = 192 * 1024 + STATE_OVERHEAD;

async function saveThrough(fe: FrontEnd, channel: Channel): Promise<Uint8Array> {
  const { ours, theirs } = channel.make('save', directory);
  expect(await set(fe, SAVE, theirs)).toBe(ACCEPTED);
  if (channel.file) expect(await check(fe)).toBe(0n);
  if (channel.file) ours.rewind();
  const { bytes, end } = await readAll(ours);
  expect(end).toBe('eof');
  ours.close();
  if (!channel.file) expect(await check(fe)).toBe(0n);
  return bytes;
}

async function loadThrough(fe: FrontEnd, channel: Channel, bytes: Uint8Array): Promise<bigint | string> {
  const { ours, theirs } = channel.make('load', directory);
  if (channel.file) await writeAll(ours, bytes);
  if (channel.file) ours.rewind();
  expect(await set(fe, LOAD, theirs)).toBe(ACCEPTED);
  if (!channel.file) expect(await writeAll(ours, bytes)).toBe(bytes.length);
  ours.close();
  return check(fe);
}

describe('every kind of channel carries the whole state both ways', () => {
  for (const channel of channels)
    for (const stateSize of [1, 5000, 192 * 1024])
      test(`${channel.name}, ${stateSize} bytes`, () =>
        withBench(async ({ connect }) => {
          const source = await connect({ stateSize });
          const destination = await connect({ stateSize });
          const saved = await saveThrough(source, channel);
          expect(saved.length).toBe(stateSize + STATE_OVERHEAD);
          expect(await loadThrough(destination, channel, saved)).toBe(0n);
          expect(sameBytes(await saveThrough(destination, channel), saved)).toBe(true);
          expect(sameBytes(await saveThrough(source, channel), saved)).toBe(true);
        }));
});

test('a state of many MiB goes through a small pipe', () =>
  withBench(async ({ connect }) => {
    const stateSize = 20 * 1024 * 1024 + 3;
    const source = await connect({ stateSize });
    const destination = await connect();
    const saved = await save(source);
    expect(saved).toMatchObject({ set: ACCEPTED, check: 0n });
    expect(saved.bytes.length).toBe(stateSize + STATE_OVERHEAD);
    expect(await load(destination, saved.bytes)).toEqual({ set: ACCEPTED, check: 0n });
    expect(sameBytes((await save(destination)).bytes, saved.bytes)).toBe(true);
  }));

describe('own channel', () => {
  const options = { ownChannel: true };
  const openOwn = async (fe: FrontEnd, direction: number) => {
    const { r, w } = pipe('front-end channel');
    const answer = await fe.call(Request.SET_DEVICE_STATE_FD, stateParameters(direction), { fds: [direction ? r : w] });
    if (typeof answer === 'string') throw new Error(answer);
    expect(answer.payload).toEqual(new Uint8Array(8));
    expect(answer.descriptors.length).toBe(1);
    // The back-end has dropped our channel.
    (direction ? r : w).close();
    if (direction === SAVE) expect(await readAll(r)).toEqual({ bytes: new Uint8Array(0), end: 'eof' });
    for (const d of [r, w]) if (!d.closed) d.close();
    return answer.descriptors[0]!;
  };

  test('its descriptor comes with bit 8 clear and carries the state', () =>
    withBench(async ({ connect }) => {
      const source = await connect({ ...options });
      const ours = await openOwn(source, SAVE);
      const { bytes, end } = await readAll(ours);
      expect({ end, length: bytes.length, check: await check(source) }).toEqual({
        end: 'eof',
        length: DEFAULT_SIZE,
        check: 0n,
      });
      const destination = await connect({ ...options });
      const theirs = await openOwn(destination, LOAD);
      expect(await writeAll(theirs, bytes)).toBe(bytes.length);
      theirs.close();
      expect(await check(destination)).toBe(0n);
      const again = await readAll(await openOwn(destination, SAVE));
      expect(sameBytes(again.bytes, bytes)).toBe(true);
      expect(await check(destination)).toBe(0n);
    }));

  test('a refusal brings none', () =>
    withBench(async ({ connect }) => {
      const fe = await connect({ ...options });
      const { r, w } = pipe('front-end channel');
      const answer = await fe.call(Request.SET_DEVICE_STATE_FD, stateParameters(2), { fds: [w] });
      expect(answer).toMatchObject({ descriptors: [] });
      r.close();
      w.close();
    }));
});

describe('what SET_DEVICE_STATE_FD refuses', () => {
  const refused = (name: string, payload: Uint8Array, fds: number, negotiated = true) =>
    test(name, () =>
      withBench(async ({ connect, own }) => {
        const fe = await connect({}, 'plain');
        await fe.negotiate(negotiated ? undefined : 0x1b22bn);
        const ends = Array.from({ length: fds }, () => pipe('channel'));
        const readers = own(...ends.map(({ r }) => r));
        const writers = own(...ends.map(({ w }) => w));
        expect(await fe.number(Request.SET_DEVICE_STATE_FD, payload, { fds: writers })).toBe(REFUSED);
        for (const w of writers) w.close();
        for (const r of readers) expect(await readAll(r)).toEqual({ bytes: new Uint8Array(0), end: 'eof' });
        // And nothing else has happened.
        expect(await fe.silent()).toBe(true);
        if (negotiated) expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
      }),
    );
  refused('a direction above 1', stateParameters(2), 1);
  refused('a direction of all bits', stateParameters(0xffffffff), 1);
  refused('another phase', stateParameters(0, 1), 1);
  refused('no descriptor', stateParameters(0), 0);
  refused('two descriptors', stateParameters(0), 2);
  refused('a hundred descriptors', stateParameters(0), 100);
  refused('no payload', new Uint8Array(0), 1);
  refused('half a payload', new Uint8Array(4), 1);
  refused('one byte too many', new Uint8Array(9), 1);
  refused('anything without its feature', stateParameters(0), 1, false);
});

test('CHECK_DEVICE_STATE without its feature is an error', () =>
  withBench(async ({ connect }) => {
    const fe = await connect({}, 'plain');
    expect(await check(fe)).toBe(1n);
  }));

describe('messages are answered while a transfer runs', () => {
  test('a save that nobody reads', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const { r, w } = pipe('channel', { capacity: 4096 });
      own(r);
      expect(await set(fe, SAVE, w)).toBe(ACCEPTED);
      for (let i = 0; i < 50; i++) expect(await fe.silent()).toBe(true);
      const status = await fe.number(Request.GET_STATUS);
      expect(status).toBe(0n);
      expect((await readAll(r)).bytes.length).toBe(DEFAULT_SIZE);
      expect(await check(fe)).toBe(0n);
    }));

  test('a load that nobody writes', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      own(w);
      expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
      for (let i = 0; i < 50; i++) expect(await fe.silent()).toBe(true);
      w.close();
      expect(await check(fe)).toBe(1n);
    }));

  test('CHECK_DEVICE_STATE waits for the end of the channel, and what is behind it waits with it', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const { bytes } = await save(fe);
      const { r, w } = pipe('channel');
      own(w);
      expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
      await fe.send(Request.CHECK_DEVICE_STATE);
      await fe.send(Request.GET_FEATURES);
      expect(await writeAll(w, bytes)).toBe(bytes.length);
      await turns();
      expect(await fe.next(0)).toBe('quiet');
      w.close();
      expect(await fe.next()).toMatchObject({ request: 43, payload: new Uint8Array(8) });
      expect(await fe.next()).toMatchObject({ request: 1 });
    }));

  test('an endless load', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const [w, r] = Socket.pair(['our end', 'their end']);
      own(w);
      expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
      const bytes = new Uint8Array(1 << 20);
      const before = process.memoryUsage();
      for (let i = 0; i < 64; i++) {
        expect(await writeAll(w, bytes)).toBe(bytes.length);
        expect(await fe.silent()).toBe(true);
      }
      const after = process.memoryUsage();
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(48 << 20);
      w.close();
      expect(await check(fe)).toBe(1n);
    }));
});

describe('a load in pieces', () => {
  test('of any size, with pauses', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect({ stateSize: 700 });
      const { bytes } = await save(fe);
      for (const size of [1, 7, 13, 400, bytes.length - 1]) {
        const { r, w } = pipe('channel');
        own(w);
        expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
        for (let at = 0; at < bytes.length; at += size) {
          await writeAll(w, bytes.subarray(at, at + size));
          await turns(2);
        }
        w.close();
        expect(await check(fe)).toBe(0n);
      }
    }));
});

describe('a load tells good states from others', () => {
  const stateSize = 600;
  const loads = (bytes: Uint8Array[], expected: bigint) =>
    withBench(async ({ connect }) => {
      const fe = await connect({ stateSize });
      const untouched = (await save(fe)).bytes;
      for (const each of bytes) {
        expect(await load(fe, each)).toEqual({ set: ACCEPTED, check: expected });
        // A failed load leaves nothing behind.
        if (expected !== 0n) expect(sameBytes((await save(fe)).bytes, untouched)).toBe(true);
      }
      expect((await load(fe, untouched)).check).toBe(0n);
    });
  const good = async (): Promise<Uint8Array> => {
    let bytes = new Uint8Array(0);
    await withBench(async ({ connect }) => {
      bytes = new Uint8Array((await save(await connect({ stateSize }))).bytes);
    });
    return bytes;
  };

  test('cut off at any byte', async () => {
    const bytes = await good();
    await loads(
      Array.from({ length: bytes.length }, (_, n) => bytes.subarray(0, n)).filter((_, n) => n > 0),
      1n,
    );
  });

  test('any byte inverted', async () => {
    const bytes = await good();
    const flipped = Array.from(bytes, (_, n) => bytes.map((byte, at) => (at === n ? byte ^ 0xff : byte)));
    await loads(flipped, 1n);
  });

  test('any bit of the fixed fields inverted', async () => {
    const bytes = await good();
    const flipped = Array.from({ length: STATE_OVERHEAD * 8 }, (_, n) =>
      bytes.map((byte, at) => (at === n >> 3 ? byte ^ (1 << (n & 7)) : byte)),
    );
    await loads(flipped, 1n);
  });

  test('something behind it, empty, or foreign', async () => {
    const bytes = await good();
    const more = new Uint8Array(bytes.length + 1);
    more.set(bytes);
    const twice = Uint8Array.from([...bytes, ...bytes]);
    const others = [new Uint8Array(bytes.length), Uint8Array.of(0), new Uint8Array(100_000).fill(0x41)];
    await loads([more, twice, new Uint8Array(0), ...others], 1n);
  });

  test('two parts exchanged, a part doubled, a part left out', async () => {
    const bytes = await good();
    const part = (from: number, to: number) => [...bytes.subarray(from, to)];
    const end = bytes.length;
    await loads(
      [
        Uint8Array.from([...part(0, 200), ...part(300, 400), ...part(200, 300), ...part(400, end)]),
        Uint8Array.from([...part(0, 300), ...part(200, 300), ...part(300, end)]),
        Uint8Array.from([...part(0, 200), ...part(300, end)]),
      ],
      1n,
    );
  });
});

describe('the peer leaves the channel early', () => {
  test('a save without a reader from the start', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      r.close();
      expect(await set(fe, SAVE, w)).toBe(ACCEPTED);
      expect(await check(fe)).toBe(1n);
      expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
    }));

  for (const bytes of [1, 4096, 100_000])
    test(`a save whose reader leaves after ${bytes} bytes`, () =>
      withBench(async ({ connect }) => {
        const fe = await connect();
        const { r, w } = pipe('channel');
        expect(await set(fe, SAVE, w)).toBe(ACCEPTED);
        let got = 0;
        while (got < bytes) {
          const part = r.read(bytes - got);
          if (part instanceof Uint8Array) got += part.length;
          else await turns(1);
        }
        r.close();
        expect(await check(fe)).toBe(1n);
        expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
      }));

  test('a socket that is reset', () =>
    withBench(async ({ connect }) => {
      // More than the socket holds: a state that is all in it counts as written.
      const fe = await connect({ stateSize: 1 << 20 });
      for (const direction of [SAVE, LOAD]) {
        const [ours, theirs] = Socket.pair(['our end', 'their end']);
        await writeAll(ours, new Uint8Array(100));
        expect(await set(fe, direction, theirs)).toBe(ACCEPTED);
        ours.close();
        expect(await check(fe)).toBe(1n);
      }
    }));

  test('an abandoned save needs no CHECK before the next transfer', () =>
    withBench(async ({ connect }) => {
      const fe = await connect();
      const { bytes } = await save(fe);
      for (const direction of [SAVE, LOAD]) {
        const { r, w } = pipe('channel');
        expect(await set(fe, SAVE, w)).toBe(ACCEPTED);
        r.close();
        if (direction === SAVE) expect(await save(fe)).toMatchObject({ set: ACCEPTED, check: 0n });
        else expect(await load(fe, bytes)).toEqual({ set: ACCEPTED, check: 0n });
      }
    }));
});

describe('descriptors that are no channel', () => {
  test('make a failed transfer, or wait, and harm nobody', () =>
    withBench(async ({ connect, own }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      const event = eventfd('event');
      own(r, w);
      own(event);
      for (const direction of [SAVE, LOAD]) {
        const bad = [
          (direction === SAVE ? r : w).dup('wrong end'),
          openDirectory(directory, 'directory'),
          openFile('/dev/null', 'null', direction === SAVE ? 'r' : 'w'),
        ];
        for (const d of bad) {
          expect(await set(fe, direction, d)).toBe(ACCEPTED);
          expect(await check(fe)).toBe(1n);
        }
      }
      expect(await set(fe, LOAD, event.dup('event'))).toBe(ACCEPTED);
      expect(await fe.silent()).toBe(true);
      event.signal(5n);
      await turns();
      expect(await fe.silent()).toBe(true);
    }));
});

test('what is configured travels, and belongs to the identity', () =>
  withBench(async ({ connect }) => {
    const source = await connect();
    const destination = await connect();
    const config = payloadOf('config', { offset: 3, size: 5, payload: Uint8Array.of(1, 2, 3, 4, 5) });
    const fresh = (await save(source)).bytes;
    expect(sameBytes(fresh, (await save(destination)).bytes)).toBe(false);
    expect(await source.number(Request.SET_CONFIG, config, { needReply: true })).toBe(0n);
    const changed = (await save(source)).bytes;
    expect(sameBytes(fresh, changed)).toBe(false);
    expect((await load(destination, changed)).check).toBe(0n);
    expect(await destination.call(Request.GET_CONFIG, payloadOf('config', { offset: 3, size: 5 }))).toMatchObject({
      payload: config,
    });
    expect(sameBytes((await save(destination)).bytes, changed)).toBe(true);
    await destination.send(Request.RESET_DEVICE);
    expect(sameBytes((await save(destination)).bytes, changed)).toBe(false);
  }));

test('a hundred migrations there and back change nothing', () =>
  withBench(async ({ connect }) => {
    const pair = [await connect({ stateSize: 1000 }), await connect({ stateSize: 1000 })] as const;
    const { bytes } = await save(pair[0]);
    for (let i = 0; i < 100; i++) {
      const saved = await save(pair[i & 1 ? 1 : 0]);
      expect(sameBytes(saved.bytes, bytes)).toBe(true);
      expect(await load(pair[i & 1 ? 0 : 1], saved.bytes)).toEqual({ set: ACCEPTED, check: 0n });
    }
  }));

describe('the connection ends in a transfer', () => {
  for (const direction of [SAVE, LOAD])
    test(direction === SAVE ? 'a save' : 'a load', () =>
      withBench(async ({ connect, leave }) => {
        const options = {};
        const fe = await connect(options);
        const { r, w } = pipe('channel');
        const [ours, theirs] = direction === SAVE ? [r, w] : [w, r];
        expect(await set(fe, direction, theirs)).toBe(ACCEPTED);
        await leave(fe);
        if (direction === SAVE) expect((await readAll(ours)).end).toBe('eof');
        else expect(await writeAll(ours, Uint8Array.of(1))).toBe(0);
        ours.close();
        expect(await save(await connect(options))).toMatchObject({ set: ACCEPTED, check: 0n });
      }),
    );

  test('with a CHECK that is not answered yet', () =>
    withBench(async ({ connect, leave, own }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      own(w);
      expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
      await fe.send(Request.CHECK_DEVICE_STATE);
      await turns();
      await leave(fe);
    }));

  test('with a flood behind a CHECK that is not answered yet', () =>
    withBench(async ({ connect, leave, own }) => {
      const fe = await connect();
      const { r, w } = pipe('channel');
      own(w);
      expect(await set(fe, LOAD, r)).toBe(ACCEPTED);
      await fe.send(Request.CHECK_DEVICE_STATE);
      for (let i = 0; i < 2000; i++) if (!(await fe.send(Request.GET_FEATURES))) break;
      expect(await fe.next()).toBe('gone');
      await leave(fe);
    }));
});
