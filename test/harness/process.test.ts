import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTarget } from '../../backends/index.js';
import { calibrate } from '../../harness/calibrate.js';
import { limits } from '../../harness/limits.js';
import { runTrace } from '../../harness/run.js';
import type { Target } from '../../harness/target.js';
import type { Trace } from '../../harness/trace/step.js';
import { openDescriptors } from '../../native/index.js';
import { ofType } from './support.js';

let workDir: string;
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterAll(() => rmSync(workDir, { recursive: true }));

const program = new URL('./process-backend.mjs', import.meta.url).pathname;
const FEATURES = { do: 'call', message: 'GET_FEATURES' } as const;

/** Run traces one after the other on a back-end of this kind. */
async function onProcess<T>(mode: string, body: (target: Target) => Promise<T>, reuse = false): Promise<T> {
  const argv = [process.execPath, program, mode, '{socket}'];
  const target = await openTarget({ kind: 'command', argv }, { reuse, spares: 0, workDir });
  try {
    return await body(target);
  } finally {
    await target.dispose();
  }
}

const options = () => ({ deadlineMs: 500, workDir });
const one = (mode: string, trace: Trace) => onProcess(mode, (target) => runTrace(trace, target, options()));

test('facts before, after and parted; nothing odd where a back-end stays', async () => {
  const { sessions, events } = await one('stays', [FEATURES]);
  const { before, after, parted, exit, killed } = sessions.a!;
  expect(after!.descriptors).toBe(before!.descriptors);
  // The connection is gone, the listening socket is not.
  expect(parted!.descriptors).toBe(before!.descriptors - 1);
  expect(before!.threads).toBeGreaterThan(0);
  expect(before!.memory).toBeGreaterThan(1_000_000);
  expect(exit).toBeUndefined();
  expect(killed).toBeUndefined();
  expect(events.map((event) => event.type)).toEqual(['sent', 'message', 'sent', 'message', 'held', 'held']);
});

test('a process that ends when we leave: its end is told, and the next connection is refused', async () => {
  const trace: Trace = [FEATURES, { do: 'disconnect' }, { do: 'connect' }, FEATURES];
  await onProcess('ends', async (target) => {
    for (let round = 0; round < 2; round++) {
      const { events, sessions } = await runTrace(trace, target, options());
      expect(events.slice(2).map(({ type, step }) => `${step}:${type}`)).toEqual(['1:exit', '2:refused', '3:skipped']);
      expect(sessions.a!.exit).toEqual({ code: 0, signal: null });
      expect(sessions.a!.parted).toBeUndefined();
    }
  });
});

test('a crash: gone, then the end with its signal, at the step that caused it', async () => {
  const { events, sessions } = await one('segv', [FEATURES, FEATURES, FEATURES]);
  expect(events.slice(2).map(({ type, step }) => `${step}:${type}`)).toEqual(['1:sent', '1:gone', '1:exit', '2:sent']);
  expect(ofType({ events, sessions, states: {}, deadlineMs: 0 }, 'exit')).toMatchObject([
    { code: null, signal: 'SIGSEGV' },
  ]);
});

test('an exit with its code and last words', async () => {
  const { sessions } = await one('exits', [FEATURES, FEATURES]);
  expect(sessions.a!.exit).toEqual({ code: 3, signal: null });
  expect(sessions.a!.stderr).toBe('no more\n');
});

test('a process that ignores SIGTERM is killed, and said to be', async () => {
  const begin = performance.now();
  const { sessions } = await one('stubborn', [FEATURES]);
  expect(sessions.a!.killed).toBe(true);
  expect(sessions.a!.exit).toBeUndefined();
  expect(performance.now() - begin).toBeLessThan(limits.stopGraceMs + 5_000);
});

test('processor time of an idle back-end, where the trace lingers', async () => {
  const trace: Trace = [FEATURES, { do: 'linger', ms: 400 }];
  const busy = await one('spins', trace);
  // Of a processor that others use too.
  expect(busy.sessions.a!.idleCpu).toBeGreaterThan(0.1);
  const calm = await one('stays', trace);
  expect(calm.sessions.a!.idleCpu).toBeLessThan(0.1);
  expect((await one('stays', [FEATURES])).sessions.a!.idleCpu).toBeUndefined();
});

test('work that was still to be done is no lack of rest, and a moment is too short to tell', async () => {
  const works = async (ms: number) => (await one('works', [FEATURES, { do: 'linger', ms }])).sessions.a!.idleCpu;
  expect(await works(200)).toBeLessThan(0.1);
  expect(await works(2 * limits.idleHalfMs - 5)).toBeUndefined();
});

test('a healthy process serves the next trace with reuse, an odd one does not', async () => {
  await onProcess(
    'stays',
    async (target) => {
      const pid = async (trace: Trace) =>
        (await runTrace(trace, target, { ...options(), reuse: true })).sessions.a!.pid;
      const first = await pid([FEATURES]);
      expect(first).toBeGreaterThan(0);
      expect(await pid([{ do: 'await', replies: 1 }])).toBe(first);
      expect(await pid([FEATURES])).not.toBe(first);
    },
    true,
  );
});

test('two sessions are two processes', async () => {
  const { sessions, events } = await one('stays', [
    { do: 'start', session: 'b' },
    { do: 'call', message: 'GET_FEATURES', on: 'b' },
  ]);
  expect(sessions.a!.pid).not.toBe(sessions.b!.pid);
  expect(events.map(({ type, on, step }) => `${step}:${on}:${type}`).slice(0, 3)).toEqual([
    '0:b:connected',
    '1:b:sent',
    '1:b:message',
  ]);
});

test('nothing of ours stays open after many traces', async () => {
  await onProcess('stays', async (target) => {
    await runTrace([FEATURES], target, options());
    const before = openDescriptors().length;
    for (let i = 0; i < 3; i++)
      await runTrace([{ do: 'open', name: 'f', kind: 'file', size: 9 }, FEATURES], target, options());
    expect(openDescriptors().length).toBe(before);
  });
});

test('whether a process ends when it is left is known from calibration', async () => {
  const deadlineMs = 2_000;
  const slow = async (mode: string, calibrated: boolean) =>
    onProcess(mode, async (target) => {
      if (calibrated) await calibrate(target);
      const begin = performance.now();
      const { sessions } = await runTrace([FEATURES], target, { deadlineMs, workDir });
      expect(sessions.a!.exit?.code).toBe(mode === 'ends' ? 0 : undefined);
      return performance.now() - begin > deadlineMs;
    });
  expect(await slow('stays', false)).toBe(true);
  expect(await slow('stays', true)).toBe(false);
  expect(await slow('ends', true)).toBe(false);
});

test('calibration stays within its bounds', async () => {
  const deadline = await onProcess('stays', calibrate);
  expect(deadline).toBeGreaterThanOrEqual(limits.deadlineMinMs);
  expect(deadline).toBeLessThanOrEqual(limits.deadlineMaxMs);
});
