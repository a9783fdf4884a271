import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as n from '../../native/index.js';
import {
  compiledNative,
  counting,
  expectNoDescriptorsLeft,
  failure,
  peerGone,
  runScript,
  temporaryDirectory,
} from './support.js';

expectNoDescriptorsLeft();
const folder = temporaryDirectory();
const compiled = compiledNative();

describe('pipe', () => {
  test.each([4096, 8192, 65536, 1 << 20])('of capacity %i', (capacity) => {
    const { r, w } = n.pipe('pipe', { capacity });
    expect(n.pipeCapacity(w)).toBe(capacity);
    expect(n.pipeCapacity(r)).toBe(capacity);
    let taken = 0;
    // Whole pages: a rest that does not fit into the last page used leaves the remainder of that page unused.
    for (let some = -1; some !== 0; taken += some) some = w.write(counting(25 * 4096));
    expect(taken).toBe(capacity);
    r.close();
    w.close();
  });

  test('an impossible capacity leaves nothing behind', () => {
    expect(failure(() => n.pipe('pipe', { capacity: -1 }))).toMatchObject({ code: 'EINVAL', call: 'fcntl' });
  });

  test.each([
    [undefined, false, false],
    ['r', true, false],
    ['w', false, true],
    ['both', true, true],
  ] as const)('non-blocking %s', (nonblock, r, w) => {
    const pipe = n.pipe('pipe', nonblock === undefined ? {} : { nonblock });
    expect([pipe.r.nonblock, pipe.w.nonblock]).toEqual([r, w]);
    // What we do with it changes nothing for whoever holds a copy.
    pipe.w.write(counting(10));
    pipe.r.read(100);
    pipe.r.read(100);
    expect([pipe.r.nonblock, pipe.w.nonblock]).toEqual([r, w]);
    pipe.r.close();
    pipe.w.close();
  });

  test('the end comes after the last byte', () => {
    const { r, w } = n.pipe('pipe');
    w.write(counting(5));
    w.close();
    expect(peerGone(r)).toBe(true);
    expect(r.read(3)).toEqual(counting(3));
    expect(r.read(3)).toEqual(Uint8Array.of(3, 4));
    expect(r.read(3)).toBe('end');
    r.close();
  });

  test('using the wrong end is EBADF', () => {
    const { r, w } = n.pipe('pipe');
    expect(failure(() => w.read(1))).toEqual({ code: 'EBADF', call: 'read', role: 'pipe.w' });
    expect(failure(() => r.write(counting(1)))).toEqual({ code: 'EBADF', call: 'write', role: 'pipe.r' });
    r.close();
    w.close();
  });
});

describe('files', () => {
  test('memory file', () => {
    const file = n.memfd('mem', 10);
    expect(file.stat()).toMatchObject({ kind: 'memfd', size: 10n });
    expect(file.read(100)).toEqual(new Uint8Array(10));
    expect(file.read(100)).toBe('end');
    expect(file.write(counting(300_000))).toBe(300_000);
    file.rewind();
    expect((file.read(1 << 30) as Uint8Array).length).toBe(n.MAX_READ);
    file.close();
  });

  test('modes of opening', () => {
    const path = join(folder, 'file');
    expect(failure(() => n.openFile(path, 'file', 'r'))).toMatchObject({ code: 'ENOENT', call: 'open' });
    expect(failure(() => n.openFile(path, 'file', 'w'))).toMatchObject({ code: 'ENOENT' });
    const made = n.openFile(path, 'made', 'create');
    expect(made.write(counting(3))).toBe(3);
    const reading = n.openFile(path, 'reading', 'r');
    expect(reading.read(10)).toEqual(counting(3));
    expect(failure(() => reading.write(counting(1)))).toEqual({ code: 'EBADF', call: 'write', role: 'reading' });
    const writing = n.openFile(path, 'writing', 'w');
    writing.write(Uint8Array.of(9));
    expect(failure(() => writing.read(1))).toMatchObject({ code: 'EBADF', role: 'writing' });
    expect([...readFileSync(path)]).toEqual([9, 1, 2]);
    const again = n.openFile(path, 'again', 'create');
    expect(readFileSync(path)).toHaveLength(0);
    for (const d of [made, reading, writing, again]) d.close();
  });

  test('a directory can be opened but not read', () => {
    const directory = n.openDirectory(folder, 'directory');
    expect(failure(() => directory.read(1))).toEqual({ code: 'EISDIR', call: 'read', role: 'directory' });
    directory.close();
    writeFileSync(join(folder, 'no-directory'), '');
    expect(failure(() => n.openDirectory(join(folder, 'no-directory'), 'd'))).toMatchObject({ code: 'ENOTDIR' });
  });

  test('opening a FIFO does not wait for the other side', () => {
    const path = join(folder, 'fifo');
    expect(spawnSync('sh', ['-c', 'mkfifo "$0"', path]).status).toBe(0);
    expect(failure(() => n.openFile(path, 'fifo', 'w'))).toMatchObject({ code: 'ENXIO' });
    const reading = n.openFile(path, 'reading', 'r');
    expect(reading.nonblock).toBe(false);
    const writing = n.openFile(path, 'writing', 'w');
    expect(reading.read(10)).toBe('again');
    writing.write(counting(3));
    expect(reading.read(10)).toEqual(counting(3));
    reading.close();
    writing.close();
  });

  test('a device', () => {
    const sink = n.openFile('/dev/null', 'null', 'rw');
    expect(sink.write(counting(1000))).toBe(1000);
    expect(sink.read(10)).toBe('end');
    sink.close();
    const zero = n.openFile('/dev/zero', 'zero', 'r');
    expect(zero.read(10)).toEqual(new Uint8Array(10));
    zero.close();
    const full = n.openFile('/dev/full', 'full', 'w');
    expect(failure(() => full.write(counting(1)))).toEqual({ code: 'ENOSPC', call: 'write', role: 'full' });
    full.close();
  });
});

test('SIGPIPE is not raised, even where it would end the process', () => {
  const script = `
    // Taking a listener away again makes Node restore the default action.
    const nothing = () => {};
    process.on('SIGPIPE', nothing);
    process.off('SIGPIPE', nothing);
    const { addon } = await import(${JSON.stringify(compiled.replace('index.js', 'addon.js'))});
    for (const method of [0, 1, 2]) {
      addon.setPipeMethod(method);
      const { r, w } = n.pipe('p');
      r.close();
      try { w.write(new Uint8Array(1)); } catch (error) { console.log(error.code); }
      const [a, b] = n.Socket.pair(['a', 'b']);
      b.close();
      try { a.write(new Uint8Array(1)); } catch (error) { console.log(error.code); }
    }
    // And the signal is as it was: it works when it is meant.
    process.kill(process.pid, 'SIGPIPE');
    setTimeout(() => {}, 10_000);`;
  expect(runScript(compiled, script)).toMatch(/^status null, signal SIGPIPE\n(EPIPE\n){6}/);
});
