import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../harness/make-folder.js';
import { UserError } from '../../harness/user-error.js';
import { writeFileWhole } from '../../harness/write-whole.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('writes, makes folders, and writes over', () => {
  const path = join(folder, 'a', 'b.yaml');
  writeFileWhole(path, 'one\n');
  writeFileWhole(path, 'two\n');
  expect(readFileSync(path, 'utf8')).toBe('two\n');
  expect(readdirSync(join(folder, 'a'))).toEqual(['b.yaml']);
});

test('where no folder can be made it says so, and comes back', () => {
  expect(() => writeFileWhole('/proc/nothing/at/all', 'x')).toThrow(/^cannot write .*ENOENT/);
  expect(() => makeFolder('/proc/nothing/at/all')).toThrow('ENOENT');
  expect(() => makeFolder('/dev/null/folder')).toThrow('ENOTDIR');
  makeFolder(join(folder, 'a', 'b'));
  makeFolder(join(folder, 'a', 'b'));
  expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
});

test('what cannot be written is told in one line, and leaves nothing behind', () => {
  mkdirSync(join(folder, 'taken'));
  expect(() => writeFileWhole(join(folder, 'taken'), 'x')).toThrow(UserError);
  expect(() => writeFileWhole(join(folder, 'taken'), 'x')).toThrow(/^cannot write .*taken: /);
  expect(readdirSync(folder)).toEqual(['taken']);
  expect(readdirSync(join(folder, 'taken'))).toEqual([]);
});
