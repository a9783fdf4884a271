import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTraceFile } from '../../harness/trace/file.js';
import { runSchema } from '../../report/json.js';
import { campaign, cli, finding, scratch } from './support.js';

test('by default it tests the reference for a minute, at all levels, with a new seed', async () => {
  const { calls, status, stdout, undone } = await cli(['run', '--out', join(scratch(), 'out')]);
  const [options] = calls.campaigns;
  expect(options).toMatchObject({
    spec: { kind: 'builtin', name: 'reference', args: [] },
    seconds: 60,
    reuse: false,
    variants: {},
  });
  expect([...(options?.levels ?? [])].sort()).toEqual(['may', 'must', 'robust', 'should']);
  expect(options?.runs).toBeUndefined();
  expect(options?.clauses).toBeUndefined();
  expect(options?.moods).toBeUndefined();
  expect(options?.seed).toBeGreaterThanOrEqual(0);
  expect(options?.jobs).toBeGreaterThanOrEqual(1);
  expect(status).toBe(0);
  expect(stdout).toContain('nothing found');
  expect(undone).toBe(true);
});

test('every option reaches the campaign', async () => {
  const { calls, stderr } = await cli([
    ...['run', '--runs', '500', '--seed', '9', '--jobs', '3', '--level', 'should', '--reuse', '--out', scratch()],
    ...['--clause', 'check.value,set.no-error-with-fd', '--clause', 'check.value', '--variant', 'open.refusal=close'],
    ...['--mood', 'lawful', '--mood', 'hostile'],
  ]);
  expect(stderr).toBe('');
  expect(calls.campaigns[0]).toMatchObject({
    runs: 500,
    seed: 9,
    jobs: 3,
    reuse: true,
    clauses: ['check.value', 'set.no-error-with-fd', 'check.value'],
    variants: { 'open.refusal': 'close' },
    moods: ['lawful', 'hostile'],
  });
  expect([...(calls.campaigns[0]?.levels ?? [])]).toEqual(['must', 'should']);
  expect(calls.campaigns[0]?.seconds).toBeUndefined();
});

test('a time and a number of traces go together', async () => {
  const { calls } = await cli(['run', '--runs', '500', '--time', '2m', '--out', scratch()]);
  expect(calls.campaigns[0]).toMatchObject({ runs: 500, seconds: 120 });
});

test.each([
  [['--backend', 'virtiofsd@sid'], { kind: 'builtin', name: 'virtiofsd@sid', args: [] }],
  [['--connect', '/run/x.sock'], { kind: 'connect', path: '/run/x.sock' }],
  [['--', './be', '--fault', '--socket={socket}'], { kind: 'command', argv: ['./be', '--fault', '--socket={socket}'] }],
  [
    ['--fault', 'save-no-eof', '--own-channel', '--state-size', '64K', '--answer', 'open.refusal=close'],
    {
      kind: 'builtin',
      name: 'reference',
      args: ['--fault', 'save-no-eof', '--own-channel', '--state-size', '65536', '--variant', 'open.refusal=close'],
    },
  ],
])('%j chooses the back-end', async (args, spec) => {
  const { calls, stderr } = await cli(['run', '--out', scratch(), ...args]);
  expect(stderr).toBe('');
  expect(calls.campaigns[0]?.spec).toEqual(spec);
});

test('findings are stored, shown with the way to replay them, and make the status 1', async () => {
  const out = join(scratch(), 'deep', 'out');
  const { status, stdout } = await cli(['run', '--out', out, '--fault', 'save-no-eof'], {
    runCampaign: async () => campaign(finding, { ...finding, signature: 'other' }),
  });
  expect(status).toBe(1);
  const files = readdirSync(join(out, 'found'));
  expect(files).toHaveLength(2);
  for (const file of files) {
    expect(stdout).toContain(`npx vhost-check replay ${join(out, 'found', file)}\n`);
    const stored = parseTraceFile(readFileSync(join(out, 'found', file), 'utf8'), file);
    expect(stored).toMatchObject({ title: 'Text of set.no-error-with-fd.', steps: finding.trace, verdict: 'fail' });
    expect(stored.backend).toEqual({ name: 'reference', version: '0.1.0', args: ['--fault', 'save-no-eof'] });
  }
  expect(stdout).toContain('Section of set.no-error-with-fd');
  expect(stdout).toMatch(/\n2 findings\n$/);
});

test('without findings nothing is left in --out', async () => {
  const directory = scratch();
  expect((await cli(['run', '--out', join(directory, 'a', 'b')])).status).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
  // What was there before stays.
  expect((await cli(['run', '--out', directory])).status).toBe(0);
  expect(existsSync(directory)).toBe(true);
});

test('--json prints one document and nothing else', async () => {
  const out = scratch();
  const { status, stdout, stderr } = await cli(['run', '--json', '--out', out, '--variant', 'open.refusal=error'], {
    runCampaign: async (options) => {
      options.onProgress?.({ traces: 1, steps: 2, seconds: 0, transitions: 1, findings: 0 });
      return campaign(finding);
    },
  });
  const document = runSchema.parse(JSON.parse(stdout));
  const [file] = readdirSync(join(out, 'found'));
  expect(document.findings).toMatchObject([
    { ...finding, file: join('found', file ?? ''), replay: `npx vhost-check replay ${join(out, 'found', file ?? '')}` },
  ]);
  expect(document.variants).toEqual({ 'open.refusal': 'error' });
  expect(document.coverage.clauses).toEqual({ 'check.value': 2, 'set.no-error-with-fd': 0 });
  expect(stderr).toContain('1 trace ·');
  expect(status).toBe(1);
});

test('progress is taken off the terminal before the summary', async () => {
  const { stderr } = await cli(
    ['run', '--out', scratch()],
    {
      runCampaign: async (options) => {
        options.onProgress?.({ traces: 1, steps: 2, seconds: 0, transitions: 1, findings: 0 });
        return campaign();
      },
    },
    { tty: true },
  );
  expect(stderr).toContain('1 trace ');
  expect(stderr.endsWith('\r\x1b[2K')).toBe(true);
});

test.each([
  [[finding], 1],
  [[], 0],
])('an interrupt ends the campaign with what was found: %#', async (findings, expected) => {
  let stop = () => {};
  const { status, stdout, undone } = await cli(
    ['run', '--out', scratch()],
    {
      runCampaign: async (options) => {
        expect(options.signal?.aborted).toBe(false);
        stop();
        expect(options.signal?.aborted).toBe(true);
        const result = campaign(...findings);
        return { ...result, stats: { ...result.stats, interrupted: true } };
      },
    },
    {
      interrupt: (given) => {
        stop = given;
      },
    },
  );
  expect(stdout).toContain('\ninterrupted\n');
  expect(status).toBe(expected);
  expect(undone).toBe(true);
});

test('what the environment lacks is one line and status 2', async () => {
  const { UserError } = await import('../../harness/user-error.js');
  const out = join(scratch(), 'out');
  const { status, stdout, stderr, undone } = await cli(['run', '--out', out, '--backend', 'passt'], {
    runCampaign: () => Promise.reject(new UserError('passt is not here:\n  install it')),
  });
  expect(stderr).toBe('vhost-check: passt is not here: install it\n');
  expect(stdout).toBe('');
  expect(status).toBe(2);
  expect(undone).toBe(true);
  expect(existsSync(out)).toBe(false);
});
