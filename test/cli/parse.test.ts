import { expect, test } from 'vitest';
import { levelsFrom } from '../../cli/levels.js';
import { bytes, duration, variant, whole } from '../../cli/parse.js';

test.each([
  ['60s', 60],
  ['60', 60],
  ['2m', 120],
  ['1h', 3600],
  ['1.5h', 5400],
  ['500ms', 0.5],
])('the time %s is %d seconds', (input, seconds) => {
  expect(duration(input)).toBe(seconds);
});

test.each(['', '0', '0s', '-1s', '1d', 's', '1 s', '1e3', '1000000h', 'Infinity'])('"%s" is no time', (input) => {
  expect(() => duration(input)).toThrow('expected a time');
});

test('whole numbers within their bounds', () => {
  const parse = whole(1, 10);
  expect([parse('1'), parse('10')]).toEqual([1, 10]);
  for (const input of ['0', '11', '', ' 1', '1.0', '0x1', '-1', 'NaN'])
    expect(() => parse(input)).toThrow('from 1 to 10');
});

test('numbers of bytes', () => {
  expect([bytes('1'), bytes('70000'), bytes('64K'), bytes('2M')]).toEqual([1, 70_000, 65_536, 2_097_152]);
  for (const input of ['', '0', '-1', '257M', '1G', '1k', '1.5K', '2000M'])
    expect(() => bytes(input)).toThrow('number of bytes');
});

test('an open question with its answer', () => {
  expect(variant('open.error-no-fd-bit=set')).toEqual(['open.error-no-fd-bit', 'set']);
  for (const input of ['open.x', 'open.x=', '=y', 'x=y', 'open.x=y=z', 'open.x = y']) {
    expect(() => variant(input)).toThrow('open question');
  }
});

test('the lowest level that counts brings those above it', () => {
  expect([...levelsFrom('must')]).toEqual(['must']);
  expect([...levelsFrom('should')]).toEqual(['must', 'should']);
  expect([...levelsFrom('robust')].sort()).toEqual(['may', 'must', 'robust', 'should']);
});
