import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { addon } from '../../native/addon.js';
import * as n from '../../native/index.js';
import { compiledNative, counting, expectNoDescriptorsLeft, failure, peerGone, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();

afterEach(() => addon.setPipeMethod(0));

const methods = ['RWF_NOWAIT', 'a description of our own', 'poll'].map((name, method) => ({ name, method }));

describe.each(methods)('pipes by $name', ({ method }) => {
  test('a pipe is a queue of bytes with a bound', () => {
    addon.setPipeMethod(method);
    const operation = fc.oneof(
      fc.record({ write: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ read: fc.integer({ min: 1, max: 20_000 }) }),
    );
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 40 }),
        fc.constantFrom(4096, 16384, 65536),
        fc.constantFrom('r' as const, 'w' as const, 'both' as const, undefined),
        (operations, capacity, nonblock) => {
          const { r, w } = n.pipe('pipe', nonblock === undefined ? { capacity } : { capacity, nonblock });
          let written = 0;
          let read = 0;
          try {
            for (const step of operations) {
              if ('write' in step) {
                const bytes = Uint8Array.from({ length: step.write }, (_, i) => ((written + i) * 7) & 0xff);
                const taken = w.write(bytes);
                expect(taken).toBeLessThanOrEqual(step.write);
                written += taken;
                // An empty pipe takes something; a write of up to PIPE_BUF bytes is taken whole or not at all.
                if (written - taken === read) expect(taken).toBeGreaterThan(0);
                if (step.write <= 4096) expect([0, step.write]).toContain(taken);
                expect(written - read).toBeLessThanOrEqual(capacity);
              } else {
                const got = r.read(step.read);
                if (got === 'again') {
                  expect(read).toBe(written);
                } else {
                  expect(got).toHaveLength(Math.min(step.read, written - read));
                  for (const [i, byte] of (got as Uint8Array).entries()) {
                    if (byte !== (((read + i) * 7) & 0xff)) throw new Error(`byte ${read + i} is wrong`);
                  }
                  read += got.length;
                }
              }
            }
            w.close();
            while (read < written) read += (r.read(1 << 20) as Uint8Array).length;
            expect(peerGone(r)).toBe(true);
            expect(r.read(1)).toBe('end');
          } finally {
            if (!w.closed) w.close();
            r.close();
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('errors and ends', () => {
    addon.setPipeMethod(method);
    const { r, w } = n.pipe('pipe');
    expect(failure(() => w.read(1))).toMatchObject({ code: 'EBADF' });
    expect(failure(() => r.write(counting(1)))).toMatchObject({ code: 'EBADF' });
    const copy = r.dup('copy');
    r.close();
    expect(w.write(counting(1))).toBe(1);
    copy.close();
    expect(peerGone(w)).toBe(true);
    expect(failure(() => w.write(counting(1)))).toMatchObject({ code: 'EPIPE', role: 'pipe.w' });
    w.close();
  });

  test('eventfds and devices too', () => {
    addon.setPipeMethod(method);
    const event = n.eventfd('event', { nonblock: false });
    expect(event.read(8)).toBe('again');
    expect(event.write(new Uint8Array(new BigUint64Array([5n]).buffer))).toBe(8);
    expect(new BigUint64Array((event.read(8) as Uint8Array).buffer)[0]).toBe(5n);
    const sink = n.openFile('/dev/null', 'null', 'rw');
    expect(sink.write(counting(10_000))).toBe(10_000);
    event.close();
    sink.close();
  });
});

// Two writers on one blocking pipe that is full most of the time: who trusts poll would sooner or later hang in write.
test.each(methods.slice(0, 2))('a rival on the same end cannot make us block, by $name', ({ method }) => {
  const script = `
    import { Worker } from 'node:worker_threads';
    const addonUrl = ${JSON.stringify(compiled.replace('index.js', 'addon.js'))};
    const source = \`
      import { parentPort, workerData } from 'node:worker_threads';
      const n = await import(workerData.index);
      (await import(workerData.addon)).addon.setPipeMethod(${method});
      const w = n.Descriptor.adopt(workerData.fd, 'w');
      const r = n.Descriptor.adopt(workerData.reading, 'r');
      const until = performance.now() + 300;
      let calls = 0;
      for (; performance.now() < until; calls++) {
        w.write(new Uint8Array(5000));
        if (calls % 3 === 0) r.read(100_000);
      }
      parentPort.postMessage(calls > 100);
      w.close();
      r.close();
    \`;
    const { r, w } = n.pipe('p', { capacity: 4096 });
    const workers = [1, 2].map(() => {
      // The number is given away: the worker adopts and closes it.
      const [copy, reading] = [w.dup('given'), r.dup('given')];
      const data = { index: ${JSON.stringify(compiled)}, addon: addonUrl, fd: copy.fd, reading: reading.fd };
      return new Worker(source, { eval: true, workerData: data });
    });
    const done = await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    })));
    console.log(done.join());
    process.exit(0);`;
  expect(runScript(compiled, script)).toBe('true,true');
});

test('a full pipe in blocking mode does not block us, by any method', () => {
  const script = `
    const { addon } = await import(${JSON.stringify(compiled.replace('index.js', 'addon.js'))});
    for (const method of [0, 1, 2]) {
      addon.setPipeMethod(method);
      const { r, w } = n.pipe('p', { capacity: 4096 });
      console.log(r.read(10), w.write(new Uint8Array(100_000)), w.write(new Uint8Array(1)), r.read(1).length, r.nonblock, w.nonblock);
      console.log(r.read(1e6).length, r.read(1));
    }`;
  const one = 'again 4096 0 1 false false\n4095 again';
  expect(runScript(compiled, script)).toBe([one, one, one].join('\n'));
});
