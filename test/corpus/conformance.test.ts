import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../backends/index.js';
import type { History, HistoryEvent } from '../../harness/history.js';
import { runTrace } from '../../harness/index.js';
import type { Target } from '../../harness/target.js';
import { parseTraceFile, printTraceFile, type TraceFile } from '../../harness/trace/file.js';
import type { Step, Trace } from '../../harness/trace/step.js';
import { decodePayload, Request } from '../../model/wire/index.js';
import { judge } from '../../properties/judge/index.js';
import { fetchReal } from '../backends/real.js';

const corpus = join(import.meta.dirname, '..', '..', 'corpus', 'conformance');
const names = readdirSync(corpus).sort();
const texts = new Map(names.map((name) => [name, readFileSync(join(corpus, name), 'utf8')]));
const files = new Map([...texts].map(([name, text]) => [name, parseTraceFile(text, name)]));

/** What CHECK_DEVICE_STATE says at each place of a file where it is not good every time. */
const CHECKS: Readonly<Record<string, readonly ('good' | 'bad')[]>> = {
  'abandoned-save-retry.yaml': ['bad', 'good'],
  'configuration-survives-abandoned-save.yaml': ['bad', 'good'],
  'configuration-survives-failed-load.yaml': ['good', 'bad', 'bad', 'good'],
  'check-damaged-first-byte.yaml': ['good', 'bad', 'good'],
  'check-damaged-state.yaml': ['good', 'bad', 'good'],
  'check-empty-state.yaml': ['good', 'bad', 'good'],
  'check-foreign-state.yaml': ['good', 'bad', 'good'],
  'check-truncated-state.yaml': ['good', 'bad', 'good'],
  'qemu-fs-failed-load.yaml': ['good', 'bad', 'good'],
};

/** Installed back-ends by the name that stands in a header. */
const real = (await fetchReal()).names;
const targets = new Map<string, Target>();
let workDir: string;

beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterAll(async () => {
  for (const target of targets.values()) await target.dispose();
  rmSync(workDir, { recursive: true });
});

const backendOf = (file: TraceFile): string => file.backend?.name ?? '';
const runs = (name: string): boolean => name === 'reference' || real.includes(name);

async function history(file: TraceFile): Promise<History> {
  const name = backendOf(file);
  const target = targets.get(name) ?? (await openTarget(specOf(name), { reuse: false, spares: 1, workDir }));
  targets.set(name, target);
  return runTrace(file.steps, target, { deadlineMs: 2_000, workDir });
}

const specOf = (name: string) => ({ kind: 'builtin' as const, name, args: [] });

const messagesOf = (events: readonly HistoryEvent[]) => events.filter((event) => event.type === 'message');
const calls = (steps: Trace, wanted: (step: Step & { do: 'call' }) => boolean): number[] =>
  steps.flatMap((step, index) => (step.do === 'call' && wanted(step as Step & { do: 'call' }) ? [index] : []));

test('there is something to run, and every exception above belongs to a file', () => {
  expect(names.length).toBeGreaterThan(30);
  expect(Object.keys(CHECKS).filter((name) => !files.has(name))).toEqual([]);
});

test.each(names)('%s prints back to itself', (name) => {
  expect(printTraceFile(files.get(name)!)).toBe(texts.get(name));
});

test.each(names)('%s says who does so and what holds', (name) => {
  const { title, comment, verdict, backend } = files.get(name)!;
  expect(title.length).toBeGreaterThan(10);
  expect(comment?.length).toBeGreaterThan(80);
  expect({ verdict, args: backend?.args }).toEqual({ verdict: 'pass', args: undefined });
});

describe.each(names.filter((name) => runs(backendOf(files.get(name)!))))('%s', (name) => {
  const file = files.get(name)!;
  let shown: History;
  beforeAll(async () => {
    shown = await history(file);
  });

  test('nothing is missing, refused or lost', () => {
    const lost = ['quiet', 'skipped', 'gone', 'refused', 'garbage', 'backend-message'];
    expect(shown.events.filter(({ type }) => lost.includes(type))).toEqual([]);
    expect(shown.events.filter((event) => event.type === 'exit' && event.step < file.steps.length)).toEqual([]);
    expect(shown.events.filter((event) => event.type === 'read' && event.outcome === 'blocked')).toEqual([]);
    expect(shown.events.filter((event) => event.type === 'held' && event.names.length > 0 && event.parted)).toEqual([]);
  });

  test('each message that is due comes once, and every acknowledgement says success', () => {
    const messages = messagesOf(shown.events);
    for (const index of calls(file.steps, () => true)) {
      expect(messages.filter(({ step }) => step === index).length, `step ${index + 1}`).toBe(1);
    }
    const awaited = file.steps.reduce((sum, step) => sum + (step.do === 'await' ? step.replies : 0), 0);
    const barriers = Object.keys(shown.sessions).length;
    expect(messages.length).toBe(calls(file.steps, () => true).length + awaited + barriers);

    const own = new Set(['GET_VRING_BASE', 'SET_DEVICE_STATE_FD', 'CHECK_DEVICE_STATE']);
    const acknowledged = calls(file.steps, (step) => step.needReply === true && !own.has(String(step.message)));
    const values = acknowledged.map((index) => {
      const { payload } = messages.find(({ step }) => step === index)!;
      return decodePayload('u64', payload).value;
    });
    expect(values).toEqual(values.map(() => 0n));
  });

  test('transfers begin, and CHECK_DEVICE_STATE says what came of them', () => {
    const values = (request: number) =>
      messagesOf(shown.events)
        .filter((message) => message.request === request)
        .map(({ payload }) => decodePayload('u64', payload).value);
    const begun = values(Request.SET_DEVICE_STATE_FD);
    expect(begun.length).toBeGreaterThan(0);
    expect(begun.map((value) => value & 0xffn)).toEqual(begun.map(() => 0n));
    const checks = values(Request.CHECK_DEVICE_STATE).map((value) => (value === 0n ? 'good' : 'bad'));
    expect(checks).toEqual(CHECKS[name] ?? checks.map(() => 'good'));
    expect(checks.at(-1)).toBe('good');
  });

  test('what was saved from what was loaded is the same state', () => {
    // No file changes its device between a load and the save behind it.
    const states = Object.values(shown.states);
    expect(states.length).toBeGreaterThan(0);
    for (const state of states) expect(Buffer.from(state).equals(states[0]!)).toBe(true);
    expect(states[0]!.length).toBeGreaterThan(0);
  });

  test('the judge finds nothing', () => {
    const options = { variants: file.variants ?? {}, comparable: true };
    expect(judge(file.steps, shown, options).violations).toEqual([]);
  });
});
