import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as n from '../../native/index.js';
import {
  compiledNative,
  counting,
  expectNoDescriptorsLeft,
  failure,
  runScript,
  temporaryDirectory,
} from './support.js';

expectNoDescriptorsLeft();
const folder = temporaryDirectory();
const compiled = compiledNative();
const PAGE = 4096;

const mappings = () =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('/memfd:vhost-check'));

test('what one maps the other reads, both ways', () => {
  const file = n.memfd('guest', 2 * PAGE);
  const one = n.mapMemory(file, 2 * PAGE);
  const other = n.mapMemory(file, PAGE, PAGE);
  new Uint8Array(one.buffer).set(counting(5), PAGE);
  expect(new Uint8Array(other.buffer).subarray(0, 5)).toEqual(counting(5));
  new Uint8Array(other.buffer)[0] = 77;
  expect(new Uint8Array(one.buffer)[PAGE]).toBe(77);
  file.write(Uint8Array.of(1, 2, 3));
  expect([...new Uint8Array(one.buffer, 0, 3)]).toEqual([1, 2, 3]);
  one.unmap();
  other.unmap();
  file.close();
});

test('a mapping outlives its descriptor and ends at once with unmap', () => {
  const before = mappings().length;
  const file = n.memfd('guest', PAGE);
  const memory = n.mapMemory(file, PAGE);
  file.close();
  const view = new Uint8Array(memory.buffer);
  view[0] = 5;
  expect(view[0]).toBe(5);
  expect(mappings().length).toBe(before + 1);
  memory.unmap();
  expect(memory.buffer.byteLength).toBe(0);
  expect(view.length).toBe(0);
  expect(view[0]).toBeUndefined();
  memory.unmap();
  expect(mappings().length).toBe(before);
});

test('a mapping beyond the end, of nothing, or at an odd offset is refused', () => {
  const file = n.memfd('guest', PAGE);
  for (const [length, offset] of [
    [PAGE + 1, 0],
    [PAGE, PAGE],
    [0, 0],
    [-1, 0],
    [PAGE, -PAGE],
    [10, 10],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ]) {
    const failed = failure(() => n.mapMemory(file, length!, offset!));
    expect(failed, `${length} at ${offset}`).toEqual({ code: 'EINVAL', call: 'mmap', role: 'guest' });
  }
  file.close();
});

test('mapped memory cannot be pulled away by truncating the file', () => {
  const file = n.memfd('guest', PAGE);
  const memory = n.mapMemory(file, PAGE);
  expect(failure(() => file.resize(0))).toMatchObject({ code: 'EPERM', call: 'ftruncate' });
  file.resize(2 * PAGE);
  memory.unmap();
  file.close();
});

test('an ordinary file can be mapped; a pipe cannot', () => {
  const file = n.openFile(join(folder, 'file'), 'file', 'create');
  file.write(counting(100));
  const memory = n.mapMemory(file, 100);
  expect(new Uint8Array(memory.buffer)).toEqual(counting(100));
  memory.unmap();
  const { r, w } = n.pipe('pipe');
  expect(failure(() => n.mapMemory(r, 100))).toMatchObject({ code: 'EINVAL', role: 'pipe.r' });
  for (const d of [file, r, w]) d.close();
});

test('a mapping that is dropped is given back', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    const count = () => readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.includes('memfd:vhost')).length;
    const file = n.memfd('guest', 4096);
    (() => { for (let i = 0; i < 50; i++) n.mapMemory(file, 4096); })();
    const full = count();
    for (let i = 0; i < 100 && count() > 0; i++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(full > 0, count());`;
  expect(runScript(compiled, script, ['--expose-gc'])).toBe('true 0');
});
