import { describe, expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, counting, expectNoDescriptorsLeft, failure, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();

/** Longer than any of these tests may take; a wait that runs into it fails the test. */
const LONG = 20_000;

function closeAll(...descriptors: n.Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}

/** What a promise holds after every event that is due now has been handled; undefined when it is pending. */
async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  promise.then((result) => {
    value = result;
  });
  // A turn of the loop looks at readiness once; two make sure that one whole turn lies between.
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  return value;
}

describe('readiness', () => {
  test('what is ready already resolves true, what is not resolves false when the time is over', async () => {
    const { r, w } = n.pipe('pipe');
    expect(await n.waitFor(w, 'writable', 0)).toBe(true);
    expect(await n.waitFor(r, 'readable', 0)).toBe(false);
    expect(await n.waitFor(r, 'readable', -1)).toBe(false);
    expect(await n.waitFor(r, 'readable', Number.NaN)).toBe(false);
    const start = performance.now();
    expect(await n.waitFor(r, 'readable', 30)).toBe(false);
    expect(performance.now() - start).toBeGreaterThan(25);
    closeAll(r, w);
  });

  test('becomes ready while waiting', async () => {
    const { r, w } = n.pipe('pipe', { capacity: 4096 });
    const readable = n.waitFor(r, 'readable', LONG);
    expect(await settled(readable)).toBeUndefined();
    w.write(counting(4096));
    expect(await readable).toBe(true);
    const writable = n.waitFor(w, 'writable', Number.POSITIVE_INFINITY);
    expect(await settled(writable)).toBeUndefined();
    r.read(4096);
    expect(await writable).toBe(true);
    closeAll(r, w);
  });

  test('again and again on one descriptor', async () => {
    const event = n.eventfd('kick');
    for (let i = 0; i < 200; i++) {
      const wait = n.waitFor(event, 'readable', LONG);
      event.signal();
      expect(await wait).toBe(true);
      expect(event.take()).toBe(1n);
    }
    expect(await n.waitFor(event, 'readable', 5)).toBe(false);
    closeAll(event);
  });

  test('hang-up and errors are ready for anything', async () => {
    for (const what of ['readable', 'writable', 'hangup'] as const) {
      const one = n.pipe('one');
      const other = n.pipe('other', { capacity: 4096 });
      other.w.write(counting(4096));
      const [a, b] = n.Socket.pair(['a', 'b']);
      const waits = [n.waitFor(one.r, what, LONG), n.waitFor(other.w, what, LONG), n.waitFor(a, what, LONG)];
      closeAll(one.w, other.r, b);
      expect(await Promise.all(waits)).toEqual([true, true, true]);
      closeAll(one.r, other.w, a);
    }
  });

  test('hang-up alone is not set off by bytes', async () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const wait = n.waitFor(a, 'hangup', LONG);
    b.send(counting(5));
    expect(await settled(wait)).toBeUndefined();
    b.shutdown('write');
    expect(await wait).toBe(true);
    expect(a.receive(10)!.bytes).toEqual(counting(5));
    closeAll(a, b);
  });

  test('files are always ready', async () => {
    const file = n.memfd('mem', 10);
    const directory = n.openDirectory('/', 'directory');
    expect(await n.waitFor(file, 'readable', LONG)).toBe(true);
    expect(await n.waitFor(file, 'writable', LONG)).toBe(true);
    expect(await n.waitFor(directory, 'readable', LONG)).toBe(true);
    expect(await n.waitFor(file, 'hangup', 10)).toBe(true);
    closeAll(file, directory);
  });

  test('the mode that a back-end sees stays as it is', async () => {
    const { r, w } = n.pipe('pipe');
    const [a, b] = n.Socket.pair(['a', 'b']);
    for (const d of [r, a]) {
      expect(await n.waitFor(d, 'readable', 5, 50)).toBe(false);
      expect(d.nonblock, d.role).toBe(false);
    }
    closeAll(r, w, a, b);
  });
});

describe('several waits', () => {
  test('on one descriptor, for the same and for different things', async () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    a.setBuffer(4096);
    while (a.send(counting(1000)) > 0) {}
    const readable = [n.waitFor(a, 'readable', LONG), n.waitFor(a, 'readable', LONG)];
    const writable = n.waitFor(a, 'writable', LONG);
    expect(await settled(Promise.race([...readable, writable]))).toBeUndefined();
    b.send(counting(1));
    expect(await Promise.all(readable)).toEqual([true, true]);
    expect(await settled(writable)).toBeUndefined();
    while (b.receive(100_000) !== undefined) {}
    expect(await writable).toBe(true);
    closeAll(a, b);
  });

  test('one that runs out of time leaves the other in place', async () => {
    const event = n.eventfd('kick');
    const long = n.waitFor(event, 'readable', LONG);
    expect(await n.waitFor(event, 'readable', 5)).toBe(false);
    event.signal();
    expect(await long).toBe(true);
    closeAll(event);
  });

  test('on copies of one descriptor', async () => {
    const event = n.eventfd('kick');
    const copy = event.dup('copy');
    const waits = [n.waitFor(event, 'readable', LONG), n.waitFor(copy, 'readable', LONG)];
    event.signal();
    expect(await Promise.all(waits)).toEqual([true, true]);
    const again = n.waitFor(copy, 'readable', LONG);
    event.close();
    copy.take();
    copy.signal();
    expect(await again).toBe(true);
    closeAll(copy);
  });

  test('on more descriptors than one look takes', async () => {
    const events = Array.from({ length: 300 }, (_, i) => n.eventfd(`event ${i}`));
    const waits = events.map((event) => n.waitFor(event, 'readable', LONG));
    for (const event of events) event.signal();
    expect((await Promise.all(waits)).every(Boolean)).toBe(true);
    closeAll(...events);
  });
});

describe('closing while waiting', () => {
  test('ends the wait', async () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const waits = [n.waitFor(a, 'readable', LONG), n.waitFor(a, 'hangup', LONG)];
    a.close();
    expect(await Promise.all(waits)).toEqual([true, true]);
    expect(failure(() => a.receive(1))).toMatchObject({ code: 'EBADF' });
    b.close();
  });

  test('a new descriptor of the same number is not mistaken for the old one', () => {
    const script = `
      const first = n.eventfd('first');
      const copy = first.dup('keeps the object alive');
      const number = first.fd;
      const old = n.waitFor(first, 'readable', Infinity);
      first.close();
      const second = n.eventfd('second');
      let woken = false;
      const wait = n.waitFor(second, 'readable', Infinity).then((ready) => { woken = true; return ready; });
      copy.signal();
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      console.log(second.fd === number, await old, woken);
      second.signal();
      console.log(await wait);`;
    expect(runScript(compiled, script)).toBe('true true false\ntrue');
  });

  test('one that another ready one closes, in the same turn of the loop', async () => {
    const events = Array.from({ length: 10 }, (_, i) => n.eventfd(`event ${i}`));
    const results = await Promise.all(
      events.map(async (event, i) => {
        const wait = n.waitFor(event, 'readable', LONG);
        if (i === 9) for (const other of events) other.signal();
        await wait;
        if (event.closed) return 'closed';
        closeAll(...events);
        return 'closed all';
      }),
    );
    expect(results.sort()).toEqual([...Array(9).fill('closed'), 'closed all']);
  });

  test('one that another ready one closes, whose number comes back in the same turn of the loop', () => {
    const script = `
      const [first, second, third] = ['first', 'second', 'third'].map((role) => n.eventfd(role));
      let fresh, woken = false;
      const act = (wait, me, other) => wait.then(() => {
        if (me.closed) return;
        const number = other.fd;
        other.close();
        fresh = n.eventfd('fresh');
        if (fresh.fd !== number) throw new Error('the number did not come back');
        n.waitFor(fresh, 'readable', 20_000).then(() => { woken = true; });
      });
      const waits = [first, second].map((d) => n.waitFor(d, 'readable', Infinity));
      const done = [act(waits[0], first, second), act(waits[1], second, first)];
      // Both are ready before the loop looks for the first time.
      first.signal();
      second.signal();
      await Promise.all(done);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      const early = woken;
      fresh.signal();
      await n.waitFor(fresh, 'readable', Infinity);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      console.log(early, woken);`;
    expect(runScript(compiled, script)).toBe('false true');
  });

  test('waiting for a closed one throws', async () => {
    const event = n.eventfd('kick');
    event.close();
    await expect(n.waitFor(event, 'readable', 10)).rejects.toMatchObject({ code: 'EBADF', role: 'kick' });
  });
});

describe('the first look', () => {
  test('blocks no longer than it is told', () => {
    const event = n.eventfd('kick');
    for (const microseconds of [0, 100, 2000, 20_000]) {
      const start = performance.now();
      expect(n.readyNow(event, 'readable', microseconds)).toBe(false);
      const passed = (performance.now() - start) * 1000;
      expect(passed).toBeGreaterThanOrEqual(microseconds * 0.95);
      expect(passed).toBeLessThan(microseconds + 200_000);
    }
    event.signal();
    const start = performance.now();
    expect(n.readyNow(event, 'readable', 10_000_000)).toBe(true);
    expect(performance.now() - start).toBeLessThan(1000);
    event.close();
  });
});

describe('the event loop', () => {
  test('is kept alive by a pending wait, and not by a finished one', () => {
    const script = `
      const { r, w } = n.pipe('p');
      const before = performance.now();
      await n.waitFor(r, 'readable', 20);
      setTimeout(() => w.write(new Uint8Array(1)), 50).unref();
      await n.waitFor(r, 'readable', Infinity);
      console.log('ready');`;
    expect(runScript(compiled, script)).toBe('ready');
  });

  test('is not kept alive by what is left of a finished wait: no timer, nothing armed', () => {
    const script = `
      const { r, w } = n.pipe('p');
      const [a] = n.Socket.pair(['a', 'b']);
      const wait = n.waitFor(r, 'readable', 3_600_000);
      const moved = n.waitFor(a, 'readable', 3_600_000);
      w.write(new Uint8Array(1));
      const b = n.Descriptor.from(a);
      console.log(await wait, await moved, b.closed);`;
    expect(runScript(compiled, script)).toBe('true true false');
  });

  test('ends with a wait pending when the process is told to exit', () => {
    const script = `
      const { r } = n.pipe('p');
      n.waitFor(r, 'readable', Infinity);
      setTimeout(() => { console.log('bye'); process.exit(0); }, 10);`;
    expect(runScript(compiled, script)).toBe('bye');
  });

  test('reports what goes wrong after a wait as usual', () => {
    const script = `
      process.on('uncaughtException', (error) => { console.log('caught', error.message); process.exit(0); });
      const { r, w } = n.pipe('p');
      n.waitFor(r, 'readable', Infinity).then(() => { throw new Error('after'); });
      w.write(new Uint8Array(1));`;
    expect(runScript(compiled, script)).toBe('caught after');
  });
});
