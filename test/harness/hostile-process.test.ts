import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget, UserError } from '../../backends/index.js';
import type { History } from '../../harness/history.js';
import { limits, runTrace } from '../../harness/index.js';
import { parseTraceFile } from '../../harness/trace/file.js';
import { unclosed } from '../../native/index.js';
import { descriptors, ownTemporaryDirectory, places, runs, temporaryDirectory } from '../backends/support.js';

const root = join(import.meta.dirname, '..', '..');
const fixture = join(root, 'test', 'fixtures', 'hostile.mjs');
const modes = execFileSync(process.execPath, [fixture, '--list'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((line) => line.split(' ')[0]!);

ownTemporaryDirectory();
const workDir = temporaryDirectory();

/** A whole lawful save: negotiation, rings, a running guest, the dirty log, the stop, the transfer. */
const save = parseTraceFile(
  readFileSync(join(root, 'corpus', 'conformance', 'qemu-fs-source.yaml'), 'utf8'),
  'qemu-fs-source.yaml',
).steps;

const DEADLINE_MS = 40;
const TRACE_MS = 1_500;
/** The trace, the last barrier and looks, SIGTERM and SIGKILL; the rest is for a machine that has much else to do, and for
 * the quarter of a million descriptors that `floodMessages` lets through. */
const BOUND_MS = TRACE_MS + 10 * DEADLINE_MS + 2 * limits.stopGraceMs + 45_000;

/** Messages that the back-end answers well before it shows what it is: none, or all up to the transfer. */
const LATE = save.filter((step) => step.do === 'call' || step.do === 'send').length - 2;

/** Those that never come to listen: that is the user's mistake, and told as one. */
const NEVER_THERE = new Set(['never-listens', 'exits-at-start']);

/** Processes whose command line names the fixture. */
function left(): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^[0-9]+$/.test(name) || !runs(Number(name))) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words.includes(fixture) && words.some((word) => word.includes('/vhc-'));
    } catch {
      return false;
    }
  });
}

async function run(mode: string, at: number): Promise<History | UserError> {
  const argv = [process.execPath, fixture, '--socket-path', '{socket}', '--mode', mode, '--at', String(at)];
  const target = await openTarget({ kind: 'command', argv }, { reuse: false, spares: 0, workDir });
  try {
    return await runTrace(save, target, { deadlineMs: DEADLINE_MS, workDir, traceMs: TRACE_MS });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  } finally {
    await target.dispose();
  }
}

test('what is left would be seen', async () => {
  const argv = [process.execPath, fixture, '--socket-path', '{socket}', '--mode', 'polite'];
  const target = await openTarget({ kind: 'command', argv }, { reuse: false, spares: 0, workDir });
  const instance = await target.take();
  const socket = await instance.connect(5_000);
  expect(left()).toEqual([String(instance.pid)]);
  expect(places().length).toBe(1);
  expect(unclosed().length).toBeGreaterThan(0);
  socket.close();
  await target.dispose();
  expect(left()).toEqual([]);
});

test('the fixture has its modes', () => {
  expect(modes.length).toBeGreaterThanOrEqual(40);
  expect(new Set(modes).size).toBe(modes.length);
});

describe.each(modes.filter((mode) => !NEVER_THERE.has(mode)))('%s', (mode) => {
  const moments = mode === 'close-at' ? [0, 30, 400] : [0, LATE];
  test.each(moments)('from %i on: a history in bounded time, and nothing left', async (at) => {
    const before = descriptors();
    const begin = performance.now();
    const shown = await run(mode, at);
    const took = performance.now() - begin;
    if (shown instanceof UserError) throw shown;

    expect(took).toBeLessThan(BOUND_MS);
    const { pid } = shown.sessions.a!;
    expect(pid).toBeGreaterThan(0);
    expect(runs(pid!)).toBe(false);
    expect(left()).toEqual([]);
    expect(places()).toEqual([]);
    expect(readdirSync(workDir)).toEqual([]);
    expect(unclosed()).toEqual([]);
    expect(descriptors()).toEqual(before);
    // What is kept of it is bounded too.
    const kept = shown.events.reduce((sum, event) => sum + ('payload' in event ? event.payload.length : 64), 0);
    expect(kept).toBeLessThan(4 * 1024 * 1024);
    expect(shown.sessions.a!.stderr.length).toBeLessThanOrEqual(8_192);
  });
});

test.each([...NEVER_THERE])('%s: told in one line, and nothing left', async (mode) => {
  const before = descriptors();
  const shown = await run(mode, 0);
  expect(shown).toBeInstanceOf(UserError);
  expect((shown as UserError).message).toMatch(/^[^\n]{10,}/);
  expect(left()).toEqual([]);
  expect(places()).toEqual([]);
  expect(unclosed()).toEqual([]);
  expect(descriptors()).toEqual(before);
});

test('a polite one is told from a hostile one', async () => {
  const odd = new Set(['quiet', 'gone', 'garbage', 'skipped', 'refused']);
  const seen = async (mode: string) => {
    const shown = await run(mode, 0);
    return shown instanceof UserError ? [] : shown.events.filter(({ type }) => odd.has(type)).map(({ type }) => type);
  };
  expect(await seen('garbage')).toContain('garbage');
  expect(await seen('silent')).toContain('quiet');
  expect(await seen('abort')).toContain('gone');
});
