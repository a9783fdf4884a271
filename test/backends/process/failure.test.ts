import { expect, test } from 'vitest';
import { endedAtStart, quote } from '../../../backends/process/failure.js';

test('a standard error is quoted from the line that names the error, on one line', () => {
  const stderr = 'starting up\nerror: unexpected argument\n\n  tip: see --help\n';
  expect(quote(stderr)).toBe('error: unexpected argument / tip: see --help');
});

test('without such a line its end is quoted, and never much', () => {
  expect(quote('one\ntwo\n')).toBe('one / two');
  expect(quote('x'.repeat(1000))).toBe(`…${'x'.repeat(400)}`);
  expect(quote(`error ${'x'.repeat(1000)}`)).toBe(`error ${'x'.repeat(394)}…`);
});

test('the message says how it ended, what it said, and how it was started', () => {
  const error = endedAtStart('demo', ['demo', '--bad'], { code: 2, signal: null }, 'error: bad\n');
  expect(error.message).toBe(
    'demo ended with exit status 2 before it served a connection: error: bad (started as: demo --bad)',
  );
  expect(endedAtStart('demo', ['demo'], { code: null, signal: 'SIGSEGV' }, '').message).toBe(
    'demo ended by SIGSEGV before it served a connection, and said nothing (started as: demo)',
  );
});
