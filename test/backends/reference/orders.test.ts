/** The orders in which real front-ends send their messages. */
import { describe, expect, test } from 'vitest';
import { vringFd } from '../../../model/wire/index.js';
import { type Descriptor, eventfd, memfd, pipe, Socket } from '../../../native/index.js';
import { type Bench, sameBytes, withBench } from './bench.js';
import {
  ACCEPTED,
  check,
  type FrontEnd,
  LOAD,
  NONE,
  payloadOf,
  readAll,
  SAVE,
  set,
  u64,
  writeAll,
} from './front-end.js';

/** What a front-end does, in order: request numbers, `xN` for N rings, `s` the save, `l` the load. */
const ORDERS = {
  'QEMU virtio-fs, source':
    '1 15 16 17 36 21 3 1 (13 14)x2 34x2 13x2 2 37 (8 10 9 12)x2 18x2 13x2 6 2L 9x2 18-x2 11x2 13x2 s',
  'QEMU virtio-fs, destination': '1 15 16 17 36 21 3 1 (13 14)x2 34 l 13x2 2 37 (8 10 9 12)x2 18x2 13x2',
  'QEMU virtio-net, source': '1 15 16 3 1 (13 14)x2 18x10 2 5 (8 10 9 12 13)x2 6 2L 9x2 11x2 s',
  'QEMU virtio-net, destination': '1 15 16 3 1 (13 14)x2 18x2 l 18x4 18x2 2 5 (8 10 9 12 13)x2 18x2',
  'a guest that never ran, source': '1 15 16 3 1 s',
  'a guest that never ran, destination': '1 15 16 3 1 l',
  'Cloud Hypervisor, source': '1 15 16 2 3 5 (8 10 9 13 12)x2 18x2 11x2 s',
  'Cloud Hypervisor, destination': '16 l 2 5 (8 10 9 13 12)x2 18x2',
  'crosvm, destination': '1 15 16 2 l 5 (8 10 9 13 12)x2 18x2',
  'with a status, source': '1 15 16 3 39 2 5 (8 10 9 12 13)x2 18x2 39 11x2 39- s',
} as const;

type Item = { readonly request: string; readonly ring: number };

function items(order: string): Item[] {
  const out: Item[] = [];
  for (const [, group, single, times] of order.matchAll(/(?:\(([^)]*)\)|([\w-]+?))(?:x(\d+))?(?:\s|$)/g))
    for (let i = 0; i < Number(times ?? 1); i++)
      for (const request of (group ?? single!).split(' ')) out.push({ request, ring: i % 2 });
  return out;
}

const region = { guest: 0n, size: 65536n, user: 0x7f00_0000_0000n, offset: 0n };

/** A front-end of one of the orders. */
class Driver {
  readonly #fe: FrontEnd;
  readonly #own: Bench['own'];
  readonly kicks: ReturnType<typeof eventfd>[] = [];
  saved: Uint8Array = NONE;

  constructor(fe: FrontEnd, own: Bench['own']) {
    this.#fe = fe;
    this.#own = own;
  }

  #make<T extends Descriptor>(d: T): T {
    return this.#own(d)[0]!;
  }

  async step({ request, ring }: Item): Promise<void> {
    const fe = this.#fe;
    const n = Number.parseInt(request, 10);
    const state = (num: number) => payloadOf('vring-state', { index: ring, num });
    const event = () => ({ fds: [this.#make(eventfd('event'))] });
    switch (request) {
      case '1':
      case '15':
      case '17':
      case '36':
        expect(typeof (await fe.number(n))).toBe('bigint');
        return;
      case '2':
      case '2L':
        await fe.send(2, u64(request === '2' ? 0x1_4000_0000 : 0x1_4400_0000));
        return;
      case '16':
        await fe.send(16, u64(0x9b22b));
        return;
      case '39':
      case '39-':
        await fe.send(39, u64(request === '39' ? 7 : 0));
        return;
      case '21':
        await fe.send(21, NONE, { fds: [this.#own(...Socket.pair(['a', 'b']))[0]!] });
        return;
      case '5':
        await fe.send(5, payloadOf('memory', { regions: [region] }), { fds: [this.#make(memfd('memory', 65536))] });
        return;
      case '37':
        await fe.send(37, payloadOf('memory-region', region), { fds: [this.#make(memfd('memory', 65536))] });
        return;
      case '6':
        expect(
          await fe.call(6, payloadOf('log', { size: 4096n }), { fds: [this.#make(memfd('log', 4096))] }),
        ).toMatchObject({ request: 6 });
        return;
      case '8':
        await fe.send(8, state(256));
        return;
      case '10':
        await fe.send(10, state(5));
        return;
      case '9':
        await fe.send(9, payloadOf('vring-address', { index: ring, descriptor: region.user }));
        return;
      case '12': {
        const kick = this.#make(eventfd('kick'));
        await fe.send(12, u64(vringFd(ring, false)), { fds: [kick] });
        kick.signal();
        return;
      }
      case '13':
      case '14':
        await fe.send(n, u64(vringFd(ring, false)), event());
        return;
      case '18':
      case '18-':
        await fe.send(18, state(request === '18' ? 1 : 0));
        return;
      case '11':
        expect(await fe.call(11, state(0))).toMatchObject({ payload: state(5) });
        return;
      case 's':
        await this.#save();
        return;
      case 'l':
        await this.#load();
        return;
      default:
        await fe.send(n);
    }
  }

  async #save(): Promise<void> {
    const { r, w } = pipe('channel');
    expect(await set(this.#fe, SAVE, w)).toBe(ACCEPTED);
    const { bytes, end } = await readAll(r);
    expect(end).toBe('eof');
    r.close();
    expect(await check(this.#fe)).toBe(0n);
    this.saved = bytes;
  }

  async #load(): Promise<void> {
    const { r, w } = pipe('channel');
    expect(await set(this.#fe, LOAD, r)).toBe(ACCEPTED);
    expect(await writeAll(w, this.saved)).toBe(this.saved.length);
    w.close();
    expect(await check(this.#fe)).toBe(0n);
  }

  async run(order: string): Promise<void> {
    for (const item of items(order)) await this.step(item);
    expect(await this.#fe.silent()).toBe(true);
  }
}

test('the orders are read as they are written', () => {
  const text = items('1 (13 14)x2 18-x2 s').map(({ request, ring }) => `${request}@${ring}`);
  expect(text).toEqual(['1@0', '13@0', '14@0', '13@1', '14@1', '18-@0', '18-@1', 's@0']);
});

describe('every source migrates to every destination', () => {
  const named = Object.entries(ORDERS);
  for (const [source, from] of named.filter(([name]) => name.endsWith('source')))
    for (const [destination, to] of named.filter(([name]) => name.endsWith('destination')))
      test(`${source} to ${destination}`, () =>
        withBench(async ({ connect, own }) => {
          const a = new Driver(await connect({}, 'plain'), own);
          await a.run(from);
          const b = new Driver(await connect({}, 'plain'), own);
          b.saved = a.saved;
          await b.run(to);
          const sent = b.saved;
          for (const ring of [0, 1]) if (to.includes('10')) await b.step({ request: '11', ring });
          await b.step({ request: 's', ring: 0 });
          expect(sameBytes(b.saved, sent)).toBe(true);
        }));
});

test('a source resumes on the same connection, and migrates later', () =>
  withBench(async ({ connect, own }) => {
    const driver = new Driver(await connect({}, 'plain'), own);
    await driver.run(ORDERS['QEMU virtio-fs, source']);
    const first = driver.saved;
    for (let i = 0; i < 3; i++) {
      await driver.run('2 37 (8 10 9 12 13)x2 18x2 11x2 s');
      expect(sameBytes(driver.saved, first)).toBe(true);
    }
    await driver.run('l 2 (8 10 9 12 13)x2 18x2 11x2 s');
    expect(sameBytes(driver.saved, first)).toBe(true);
  }));
