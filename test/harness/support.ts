import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { History, HistoryEvent } from '../../harness/history.js';
import { runTrace } from '../../harness/run.js';
import type { RunOptions } from '../../harness/run-state.js';
import type { Trace } from '../../harness/trace/step.js';
import { openDescriptors, unclosed } from '../../native/index.js';
import { type Script, ScriptedTarget } from './peer.js';

export const DEADLINE = 200;

/** Run a trace on a scripted back-end, and see to it that nothing of it stays behind. */
export async function run(
  trace: Trace,
  script: Script,
  deadlineMs = DEADLINE,
  until?: RunOptions['until'],
): Promise<History> {
  const target = new ScriptedTarget(script);
  const workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
  // The first wait of a process makes the event loop's own descriptors.
  const before = openDescriptors().length;
  const wrappers = unclosed();
  try {
    const history = await runTrace(trace, target, { deadlineMs, workDir, ...(until && { until }) });
    expect(target.errors).toEqual([]);
    expect(readdirSync(workDir)).toEqual([]);
    expect(unclosed()).toEqual(wrappers);
    expect(openDescriptors().length).toBe(before);
    return history;
  } finally {
    await target.dispose();
    rmSync(workDir, { recursive: true });
  }
}

type Of<T extends HistoryEvent['type']> = Extract<HistoryEvent, { type: T }>;

/** The events of one type. */
export function ofType<T extends HistoryEvent['type']>(history: History, type: T): Of<T>[] {
  return history.events.filter((event): event is Of<T> => event.type === type);
}

/** `step:type` of each event, in short form for orders. */
export function order(history: History): string[] {
  return history.events.map((event) => {
    const detail =
      event.type === 'message' ? ` ${event.request}` : event.type === 'held' && event.parted ? ' parted' : '';
    return `${event.step}:${event.type}${detail}`;
  });
}
