/** The command line of the reference back-end. */
import { describe, expect, test } from 'vitest';
import { parseReferenceArgs } from '../../../backends/reference/index.js';

test('everything that can be said', () => {
  const words =
    '--socket-path some/path --state-size=5 --own-channel --variant open.high-bits=set --variant=open.refusal=close';
  expect(parseReferenceArgs([...words.split(' '), '--fault', 'spin', '--fault=save-cut', '--list-faults'])).toEqual({
    socketPath: 'some/path',
    stateSize: 5,
    ownChannel: true,
    variants: { 'open.high-bits': 'set', 'open.refusal': 'close' },
    faults: ['spin', 'save-cut'],
    listFaults: true,
  });
});

test('nothing', () => {
  expect(parseReferenceArgs([])).toEqual({ variants: {}, faults: [], listFaults: false });
});

test('a path may hold an equals sign, and the last of several answers counts', () => {
  expect(parseReferenceArgs(['--socket-path', 'a=b']).socketPath).toBe('a=b');
  expect(parseReferenceArgs(['--socket-path=a=b']).socketPath).toBe('a=b');
  const words = ['--variant', 'open.refusal=close', '--variant', 'open.refusal=error'];
  expect(parseReferenceArgs(words).variants).toEqual({ 'open.refusal': 'error' });
});

describe('what is refused, with the reason', () => {
  for (const [line, reason] of [
    ['--nonsense', 'unknown option --nonsense'],
    ['path', 'unknown option path'],
    ['--socket-path', '--socket-path needs a value'],
    ['--socket-path a --fd 3', '--socket-path and --fd exclude each other'],
    ['--fd x', '--fd takes a whole number from 0 to 2147483647, not x'],
    ['--fd -1', '--fd takes a whole number from 0 to 2147483647, not -1'],
    ['--state-size 0', '--state-size takes a whole number from 1 to 268435456, not 0'],
    ['--state-size 268435457', '--state-size takes a whole number from 1 to 268435456, not 268435457'],
    ['--state-size 1.5', '--state-size takes a whole number from 1 to 268435456, not 1.5'],
    ['--variant open.none=x', 'unknown open question open.none'],
    ['--variant toString=x', 'unknown open question toString'],
    ['--variant open.refusal', 'open.refusal takes error, close, not nothing'],
    ['--variant open.refusal=maybe', 'open.refusal takes error, close, not maybe'],
    ['--fault none', 'unknown fault none; --list-faults names them'],
    ['--fault toString', 'unknown fault toString; --list-faults names them'],
    ['--own-channel=yes', '--own-channel takes no value'],
  ] as const)
    test(line, () => {
      expect(() => parseReferenceArgs(line.split(' '))).toThrow(new Error(reason));
    });
});
