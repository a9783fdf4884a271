import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseTraceFile } from '../../harness/trace/file.js';
import { fileName, storeFinding } from '../../report/corpus.js';
import { finding, wording } from './samples.js';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterEach(() => rmSync(out, { recursive: true }));

const spec = { kind: 'builtin', name: 'reference', args: ['--fault', 'error-with-fd'] } as const;
const origin = { spec, version: '0.1.0', variants: { 'open.refusal': 'error' }, wording };

test('a stored finding reads back with all that is known of it', () => {
  const file = storeFinding(out, finding, origin);
  expect(file).toBe(join('found', fileName(finding)));
  expect(readdirSync(join(out, 'found'))).toEqual([fileName(finding)]);
  expect(parseTraceFile(readFileSync(join(out, file), 'utf8'), file)).toEqual({
    title: 'An error never comes with a descriptor.',
    backend: { name: 'reference', version: '0.1.0', args: ['--fault', 'error-with-fd'] },
    verdict: 'fail',
    clause: finding.clause,
    level: 'must',
    signature: finding.signature,
    expected: finding.expected,
    observed: finding.observed,
    reproduces: finding.reproduces,
    deadlineMs: 150,
    variants: { 'open.refusal': 'error' },
    steps: finding.trace,
    comments: { 1: '<- fails here' },
  });
});

test('neither a command nor a socket gets into a file', () => {
  for (const other of [
    { kind: 'command', argv: ['./secret', '--socket={socket}'] },
    { kind: 'connect', path: '/run/secret.sock' },
  ] as const) {
    const text = readFileSync(join(out, storeFinding(out, finding, { ...origin, spec: other })), 'utf8');
    expect(text).not.toContain('secret');
    expect(parseTraceFile(text, 'x').backend).toBeUndefined();
  }
});

test('one file a signature', () => {
  const other = { ...finding, signature: `${finding.signature}2` };
  expect(fileName(finding)).toMatch(/^set\.no-error-with-fd-[0-9a-f]{8}\.yaml$/);
  expect(fileName(other)).not.toBe(fileName(finding));
  expect(fileName({ ...finding, observed: 'other' } as typeof finding)).toBe(fileName(finding));
  storeFinding(out, finding, origin);
  storeFinding(out, { ...finding, reproduces: { k: 1, n: 1 } }, origin);
  storeFinding(out, other, origin);
  expect(readdirSync(join(out, 'found')).sort()).toEqual([fileName(finding), fileName(other)].sort());
});

test('a file name stays in its directory whatever the clause is called', () => {
  expect(fileName({ clause: '../../x y', signature: 's' })).toMatch(/^\.\._\.\._x_y-[0-9a-f]{8}\.yaml$/);
});
