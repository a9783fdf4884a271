import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTraceFile, printTraceFile, type TraceFile } from '../../harness/trace/file.js';
import { shrinkSchema } from '../../report/json.js';
import { cli, finding, scratch } from './support.js';

const long: TraceFile = {
  title: 'Long',
  verdict: 'fail',
  clause: finding.clause,
  signature: finding.signature,
  deadlineMs: 55,
  variants: { 'open.refusal': 'error' },
  backend: { name: 'passt', version: '2026' },
  steps: [
    { do: 'call', message: 'GET_FEATURES' },
    { do: 'call', message: 'SET_OWNER' },
  ],
};

function stored(file: TraceFile): string {
  const path = join(scratch(), 'long.yaml');
  writeFileSync(path, printTraceFile(file));
  return path;
}

test('the result is stored and shown, the file stays as it is', async () => {
  const path = stored(long);
  const before = readFileSync(path, 'utf8');
  const out = scratch();
  const { status, stdout, calls } = await cli(['shrink', path, '--out', out, '--max-runs', '99', '--runs', '7'], {
    shrinkTrace: async () => finding,
  });
  expect(calls.shrinks).toMatchObject([
    [
      long.steps,
      finding.signature,
      {
        spec: { kind: 'builtin', name: 'passt', args: [] },
        runs: 7,
        maxExecutions: 99,
        deadlineMs: 55,
        variants: { 'open.refusal': 'error' },
      },
    ],
  ]);
  const [file = ''] = readdirSync(join(out, 'found'));
  expect(parseTraceFile(readFileSync(join(out, 'found', file), 'utf8'), file)).toMatchObject({
    steps: finding.trace,
    backend: { name: 'passt', version: '2026' },
    variants: { 'open.refusal': 'error' },
    reproduces: finding.reproduces,
  });
  expect(stdout).toContain(`npx vhost-check replay ${join(out, 'found', file)}`);
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(status).toBe(1);
});

test('a trace that shows no violation leaves nothing', async () => {
  const out = join(scratch(), 'out');
  const path = stored(long);
  const { status, stdout } = await cli(['shrink', path, '--out', out]);
  expect(stdout).toBe(`${path}: shows no violation\n`);
  expect(status).toBe(0);
  expect(() => readdirSync(out)).toThrow('ENOENT');
});

test('any back-end can be chosen; its version is not the one of the header', async () => {
  const out = scratch();
  const { calls, status } = await cli(['shrink', stored(long), '--out', out, '--', 'be', '{socket}'], {
    shrinkTrace: async () => finding,
  });
  expect(calls.shrinks[0]?.[2].spec).toEqual({ kind: 'command', argv: ['be', '{socket}'] });
  const [file = ''] = readdirSync(join(out, 'found'));
  expect(parseTraceFile(readFileSync(join(out, 'found', file), 'utf8'), file).backend).toBeUndefined();
  expect(status).toBe(1);
});

test('a passing trace without a signature is shrunk to what it shows', async () => {
  const { signature: _, clause: _clause, ...rest } = long;
  const { calls } = await cli(['shrink', stored({ ...rest, verdict: 'pass' }), '--out', scratch()]);
  expect(calls.shrinks[0]?.[1]).toBeUndefined();
});

test('--json prints one document', async () => {
  const path = stored(long);
  const found = await cli(['shrink', path, '--json', '--out', scratch()], { shrinkTrace: async () => finding });
  expect(shrinkSchema.parse(JSON.parse(found.stdout))).toMatchObject({ backend: 'passt', finding });
  const none = await cli(['shrink', path, '--json', '--out', scratch()]);
  expect(shrinkSchema.parse(JSON.parse(none.stdout)).finding).toBeUndefined();
});
