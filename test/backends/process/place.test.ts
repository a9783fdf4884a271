import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { Places } from '../../../backends/process/place.js';
import { ownTemporaryDirectory, places } from '../support.js';

ownTemporaryDirectory();

test('a directory that was left serves again, empty and under another name of the socket', () => {
  const all = new Places();
  const first = all.take();
  const directory = dirname(first.socket);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of [first.socket, `${first.socket}.pid`]) writeFileSync(name, '');
  const other = all.take();
  expect(dirname(other.socket)).not.toBe(directory);
  first.leave();
  first.leave();
  const second = all.take();
  expect(dirname(second.socket)).toBe(directory);
  expect(second.socket).not.toBe(first.socket);
  expect(readdirSync(directory)).toEqual([]);
  expect(dirname(all.take().socket)).not.toBe(directory);
  expect(places()).toHaveLength(3);
  all.remove();
  expect(places()).toEqual([]);
  // Who leaves late finds nothing to give back.
  second.leave();
  expect(places()).toEqual([]);
});

test('one that cannot be emptied at once is not used again', () => {
  const all = new Places();
  const { socket, leave } = all.take();
  mkdirSync(join(dirname(socket), 'folder', 'below'), { recursive: true });
  leave();
  expect(existsSync(dirname(socket))).toBe(false);
  const next = all.take();
  expect(existsSync(dirname(next.socket))).toBe(true);
  all.remove();
  expect(places()).toEqual([]);
});
