import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../backends/index.js';
import type { History } from '../../harness/history.js';
import { runTrace } from '../../harness/index.js';
import type { Target } from '../../harness/target.js';
import { parseTraceFile } from '../../harness/trace/file.js';
import { decodePayload, Request } from '../../model/wire/index.js';
import { fetchReal } from '../backends/real.js';

const corpus = join(import.meta.dirname, '..', '..', 'corpus', 'conformance');
const names = readdirSync(corpus).sort();
const traces = new Map(
  names.map((name) => [name, parseTraceFile(readFileSync(join(corpus, name), 'utf8'), name).steps]),
);
const { names: backends, why } = await fetchReal();

/** Orders of a front-end for another kind of device: they use features that the back-end does not offer, or, in the
 * case of network orders, enable rings before SET_FEATURES, for which virtiofsd closes the connection. */
function foreign(backend: string, name: string): boolean {
  const kinds = backend.startsWith('virtiofsd') ? ['qemu-net', 'qemu-fs-status'] : ['qemu-fs'];
  return [...kinds, 'configuration'].some((kind) => name.startsWith(kind));
}

/** Where a back-end does not do what the source says, and how that shows. What is not listed here is borne. */
function known(backend: string, name: string): string | undefined {
  if (name === 'non-blocking-load.yaml') return 'a read that would block counts as an error';
  if (backend === 'virtiofsd@trixie' && name === 'cloud-hypervisor-restore.yaml')
    return 'without GET_PROTOCOL_FEATURES need_reply is not answered';
  if (backend.startsWith('passt') && name === 'check-damaged-state.yaml') return 'a wrong byte passes';
  if (backend === 'passt@trixie' && goesOn(name)) return 'it ends after a save';
  return undefined;
}

/** Something is asked of session `a` or `b` after a save was checked there. */
function goesOn(name: string): boolean {
  const saved = new Set<string>();
  let last: Readonly<Record<string, unknown>> = {};
  for (const step of traces.get(name)!) {
    if (step.do !== 'call' && step.do !== 'send') continue;
    const on = step.on ?? 'a';
    if (saved.has(on)) return true;
    if (step.message === 'SET_DEVICE_STATE_FD') last = { ...last, [on]: step.with?.direction };
    if (step.message === 'CHECK_DEVICE_STATE' && last[on] === 0) saved.add(on);
  }
  return false;
}

let workDir: string;
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterAll(() => rmSync(workDir, { recursive: true }));

/** What a front-end would stumble over, in words. */
function trouble({ events }: History, steps: number): string[] {
  return events.flatMap((event) => {
    // Behind the last step a back-end may end, and some do when they were saved.
    if (event.step >= steps) return event.type === 'quiet' ? ['quiet'] : [];
    if (event.type === 'read') return event.outcome === 'eof' || event.outcome === 'enough' ? [] : ['read'];
    return ['quiet', 'skipped', 'gone', 'refused', 'garbage'].includes(event.type) ? [event.type] : [];
  });
}

const lastCheck = ({ events }: History): bigint | undefined => {
  const checks = events.filter((event) => event.type === 'message' && event.request === Request.CHECK_DEVICE_STATE);
  const payload = checks.findLast((event) => event.type === 'message')?.payload;
  return payload === undefined ? undefined : decodePayload('u64', payload).value;
};

if (backends.length === 0)
  test('without apt we are told what to install', () => {
    expect(why).toContain('install');
  });

describe.each(backends)('%s', (backend) => {
  let target: Target;
  beforeAll(async () => {
    target = await openTarget({ kind: 'builtin', name: backend, args: [] }, { reuse: false, spares: 1, workDir });
  });
  afterAll(() => target.dispose());
  const play = (name: string) => runTrace(traces.get(name)!, target, { deadlineMs: 500, workDir });
  const lawful = names.filter((name) => !foreign(backend, name));

  test.each(lawful.filter((name) => known(backend, name) === undefined))('bears %s', async (name) => {
    const shown = await play(name);
    expect(trouble(shown, traces.get(name)!.length)).toEqual([]);
    expect(lastCheck(shown)).toBe(0n);
  });

  const failing = lawful.filter((name) => known(backend, name) !== undefined);
  if (failing.length > 0)
    test.each(failing)('still fails %s', async (name) => {
      // One that ends after a save may still answer the next question or two.
      for (let tries = 0; tries < 10; tries++) {
        const shown = await play(name);
        const bad = name.startsWith('check-') ? goodChecks(shown) === 3 : lastCheck(shown) !== 0n;
        if (bad || trouble(shown, traces.get(name)!.length).length > 0) return;
      }
      throw new Error('it does as the source says');
    });
});

const goodChecks = ({ events }: History): number =>
  events.filter(
    (event) =>
      event.type === 'message' &&
      event.request === Request.CHECK_DEVICE_STATE &&
      decodePayload('u64', event.payload).value === 0n,
  ).length;
