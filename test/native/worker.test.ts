import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, expectNoDescriptorsLeft, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();

/** Starts a worker thread in which `n` is the native layer, on an instance of its own. */
function start(body: string, workerData: object = {}): Worker {
  const source = `
    (async () => {
      const { parentPort, workerData } = require('node:worker_threads');
      const n = await import(${JSON.stringify(compiled)});
      ${body}
    })();`;
  return new Worker(source, { eval: true, workerData, execArgv: [] });
}

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
  });
}

async function finished(worker: Worker): Promise<void> {
  if (worker.threadId !== -1) await new Promise((resolve) => worker.once('exit', resolve));
}

/** A dialogue of two threads over a socket pair: the worker sends back what it gets, and a descriptor with it. */
const ECHO = `
  const socket = n.Socket.adopt(workerData.fd, 'worker');
  for (;;) {
    await n.waitFor(socket, 'readable', Infinity);
    const got = socket.receive(1000);
    if (got.end) break;
    socket.send(got.bytes, got.descriptors);
    for (const d of got.descriptors) d.close();
  }
  socket.close();
  parentPort.postMessage(n.unclosed().length);`;

test('two workers and the main thread at once', async () => {
  const event = n.eventfd('event');
  const peers = ['one', 'two'].map((name) => {
    const [ours, theirs] = n.Socket.pair([name, 'given away']);
    const worker = start(ECHO, { fd: theirs.release() });
    return { ours, theirs, worker, done: message(worker) };
  });
  for (let round = 0; round < 50; round++) {
    for (const { ours } of peers) ours.send(Uint8Array.of(round), [event]);
    for (const { ours } of peers) {
      expect(await n.waitFor(ours, 'readable', 10_000)).toBe(true);
      const got = ours.receive(10)!;
      expect([...got.bytes]).toEqual([round]);
      expect(got.descriptors[0]!.same(event)).toBe(true);
      got.descriptors[0]!.close();
    }
  }
  for (const { ours, theirs, worker, done } of peers) {
    expect(theirs.closed).toBe(true);
    ours.shutdown('write');
    expect(await done).toBe(0);
    await finished(worker);
    expect(ours.receive(10)!.end).toBe(true); // The worker has closed its end.
    ours.close();
  }
  event.close();
});

/** A process whose `start(body)` starts such workers; `count()` are the descriptors that are open in it. */
function runWithWorkers(script: string): string {
  return runScript(
    compiled,
    `
    import { Worker } from 'node:worker_threads';
    const start = (body) => new Worker(\`(async () => {
      const { parentPort } = require('node:worker_threads');
      const n = await import(${JSON.stringify(compiled)});
      \${body}
    })();\`, { eval: true, execArgv: [] });
    const message = (worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const count = () => n.openDescriptors().length;
    // Whatever Node opens for its first worker, it keeps.
    await new Promise((resolve) => start('').once('exit', resolve));
    const before = count();
    ${script}`,
  );
}

test('a worker that ends closes what it left open', () => {
  const script = `
    const worker = start(\`
      globalThis.kept = [n.eventfd('left'), ...n.Socket.pair(['left a', 'left b']), n.memfd('left', 4096)];
      globalThis.map = n.mapMemory(globalThis.kept[3], 4096);
      parentPort.postMessage(n.unclosed().length);\`);
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    console.log(await message(worker), await gone, count() - before);`;
  expect(runWithWorkers(script)).toBe('4 0 0');
});

test('workers can be ended while they wait', () => {
  const script = `
    for (let i = 0; i < 10; i++) {
      const worker = start(\`
        const { r } = n.pipe('pipe');
        const events = Array.from({ length: 20 }, (_, i) => n.eventfd('event ' + i));
        for (const d of [r, ...events]) n.waitFor(d, 'readable', Infinity);
        parentPort.postMessage('waiting');\`);
      await message(worker);
      await worker.terminate();
    }
    console.log(count() - before);`;
  expect(runWithWorkers(script)).toBe('0');
});

test('workers can be ended at any moment while events, errors and descriptors come and go', () => {
  const script = `
    for (let i = 0; i < 30; i++) {
      const worker = start(\`
        const [a, b] = n.Socket.pair(['a', 'b']);
        let rounds = 0;
        for (;;) {
          a.send(new Uint8Array(10), [b]);
          await n.waitFor(b, 'readable', Infinity, rounds % 2 === 0 ? 0 : 20);
          for (const d of b.receive(100).descriptors) d.close();
          try { n.openFile('/nothing', 'nothing', 'r'); } catch {}
          n.processFacts(process.pid);
          if (++rounds === 20) parentPort.postMessage('busy');
        }\`);
      await message(worker);
      for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
      await worker.terminate();
    }
    console.log(count() - before);`;
  expect(runWithWorkers(script)).toBe('0');
});

test('a process can end while its workers wait', () => {
  const script = `
    const body = \`const { r } = n.pipe('p'); n.waitFor(r, 'readable', Infinity); parentPort.postMessage('waiting');\`;
    const workers = [start(body), start(body)];
    console.log((await Promise.all(workers.map(message))).join());
    process.exit(0);`;
  expect(runWithWorkers(script)).toBe('waiting,waiting');
});
