import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { backendsSchema, runSchema } from '../../report/json.js';
import { scratch } from './support.js';

/** The program as it is compiled (`npm test` does that first). */
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

function start(...args: string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    text.stdout += data;
  });
  child.stderr.on('data', (data) => {
    text.stderr += data;
  });
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, ...text }));
  return { child, text, ended };
}

const run = (...args: string[]) => start(...args).ended;

test('it is an executable', () => {
  expect(() => accessSync(program, constants.X_OK)).not.toThrow();
});

test('help, version, and mistakes', async () => {
  expect(await run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('USAGE'), stderr: '' });
  expect(await run('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d/) });
  expect(await run('frob')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^vhost-check: .*\n$/),
  });
});

test('the registry and the back-ends are listed', async () => {
  expect((await run('clauses')).stdout).toContain('set.no-error-with-fd');
  const { status, stdout } = await run('backends', '--json');
  expect(backendsSchema.parse(JSON.parse(stdout)).backends.map((backend) => backend.name)).toContain('reference');
  expect(status).toBe(0);
});

test('a reader that leaves early is no error', async () => {
  const { child, ended } = start('clauses', '--json');
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ status: 0, stderr: '' });
});

test('a campaign on the reference, in a process of its own, finds nothing', async () => {
  const { status, stdout, stderr } = await run('run', '--runs', '50', '--seed', '1', '--json', '--out', scratch());
  const document = runSchema.parse(JSON.parse(stdout));
  expect(document).toMatchObject({ backend: { name: 'reference' }, seed: 1, findings: [] });
  expect(document.stats.traces).toBeGreaterThanOrEqual(50);
  expect(stderr).not.toContain('vhost-check:');
  expect(status).toBe(0);
});

test('a fault is found, stored, and replays', async () => {
  const out = scratch();
  const campaign = ['--fault', 'reply-no-version', '--clause', 'header.version', '--runs', '10', '--jobs', '1'];
  const found = await run('run', ...campaign, '--json', '--out', out);
  expect(found).toMatchObject({ status: 1 });
  const [finding] = runSchema.parse(JSON.parse(found.stdout)).findings;
  expect(finding?.clause).toBe('header.version');
  const file = join(out, finding?.file ?? '');
  expect(await run('replay', file)).toMatchObject({ status: 1, stdout: expect.stringContaining('shows again') });
  expect(await run('replay', '--expect', file)).toMatchObject({ status: 0 });
  // The same trace on a back-end without the fault.
  expect(await run('replay', file, '--backend', 'reference')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('no longer shows'),
  });
  const again = await run('shrink', file, '--json', '--out', scratch());
  expect(again.status).toBe(1);
  expect(JSON.parse(again.stdout).finding.trace.length).toBeLessThanOrEqual(finding?.trace.length ?? 0);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a campaign with what was found', async (signal) => {
  const { child, text, ended } = start('run', '--time', '10m', '--out', scratch());
  // The first line of progress says that it runs.
  while (!text.stderr.includes('trace')) await once(child.stderr!, 'data');
  child.kill(signal);
  const { status, stdout } = await ended;
  expect(stdout).toMatch(/\ninterrupted\nnothing found\n$/);
  expect(status).toBe(0);
});

test('what cannot be started is one line and status 2', async () => {
  for (const command of [
    ['/nowhere/back-end', '{socket}'],
    ['false', '{socket}'],
  ]) {
    const { status, stderr } = await run('run', '--runs', '5', '--out', scratch(), '--', ...command);
    expect(stderr).toMatch(/^vhost-check: [^\n]+\n$/);
    expect(status).toBe(2);
  }
});
