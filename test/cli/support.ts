import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { invoke } from '../../cli/invoke.js';
import type { Parts, Properties } from '../../cli/parts.js';
import type { Finding, Judgement, Violation } from '../../properties/finding.js';
import type { Campaign } from '../../properties/index.js';

export const violation: Violation = {
  clause: 'set.no-error-with-fd',
  level: 'must',
  step: 0,
  on: 'a',
  expected: ['success'],
  observed: 'error 1 with a descriptor',
  signature: 'set.no-error-with-fd|call',
};

export const finding: Finding = {
  ...violation,
  trace: [{ do: 'call', message: 'GET_FEATURES' }],
  reproduces: { k: 3, n: 3 },
  originalSteps: 9,
  seen: 2,
  executions: 11,
  minimal: true,
  deadlineMs: 150,
};

export const judgement = (...violations: Violation[]): Judgement => ({
  violations,
  reached: {},
  answers: {},
  transitions: [],
  explained: 0,
  lost: [],
});

export const campaign = (...findings: Finding[]): Campaign => ({
  backend: { name: 'reference', version: '0.1.0' },
  seed: 42,
  findings,
  coverage: { transitions: 5, clauses: { 'check.value': 2 }, answers: { 'open.refusal': { error: 1 } } },
  stats: { traces: 10, steps: 100, seconds: 1, stepsPerSecond: 100, interrupted: false, unconfirmed: 0 },
});

/** What the commands did with their parts. */
export interface Calls {
  readonly campaigns: Parameters<Properties['runCampaign']>[0][];
  readonly replays: Parameters<Properties['replayTrace']>[];
  readonly shrinks: Parameters<Properties['shrinkTrace']>[];
  readonly installs: unknown[][];
  /** Parts that were loaded, in order. */
  readonly loaded: string[];
}

export interface Fakes {
  runCampaign?: Properties['runCampaign'];
  replayTrace?: Properties['replayTrace'];
  shrinkTrace?: Properties['shrinkTrace'];
}

/** Parts that record what is asked of them. The registry has three clauses, one of which nothing judges. */
export function fakeParts(fakes: Fakes = {}): { parts: Parts; calls: Calls } {
  const calls: Calls = { campaigns: [], replays: [], shrinks: [], installs: [], loaded: [] };
  const clause = (id: string) => ({
    id,
    level: 'must' as const,
    side: 'back-end' as const,
    section: `Section of ${id}`,
    text: `Text of ${id}.`,
  });
  const load = <T>(name: string, part: T) => {
    calls.loaded.push(name);
    return Promise.resolve(part);
  };
  const parts: Parts = {
    registry: () =>
      load('registry', {
        clauses: [clause('set.no-error-with-fd'), clause('check.value'), clause('channel.any-kind')],
        openQuestions: [
          {
            id: 'open.refusal',
            question: 'Error or close?',
            section: 'S',
            why: 'The source says both.',
            defaultAnswer: 'error',
            answers: [
              { name: 'error', text: 'an error' },
              { name: 'close', text: 'closed' },
            ],
          },
        ],
      }),
    coverage: () =>
      load('coverage', {
        judgedClauses: () => new Set(['set.no-error-with-fd', 'check.value']),
        exercisedClauses: () => new Set(['set.no-error-with-fd', 'channel.any-kind']),
      }),
    properties: () =>
      load('properties', {
        runCampaign: async (options) => {
          calls.campaigns.push(options);
          return fakes.runCampaign?.(options) ?? campaign();
        },
        replayTrace: async (trace, options) => {
          calls.replays.push([trace, options]);
          return (
            fakes.replayTrace?.(trace, options) ?? {
              runs: options.runs,
              judgements: Array.from({ length: options.runs }, () => judgement()),
            }
          );
        },
        shrinkTrace: async (trace, signature, options) => {
          calls.shrinks.push([trace, signature, options]);
          return fakes.shrinkTrace?.(trace, signature, options);
        },
      }),
    backends: () =>
      load('backends', {
        listBackends: async () => [
          { name: 'reference', version: '0.1.0', available: true, origin: 'built in', command: ['node', 'ref'] },
          { name: 'passt', version: '', available: false, origin: 'nowhere', command: [], hint: 'install it' },
        ],
        installBackends: async (...args) => {
          calls.installs.push(args);
          args[2]?.('fetching');
          return [{ name: 'passt@sid', version: '1', directory: '/cache/passt', changed: true }];
        },
      }),
    faults: () =>
      load('faults', { faults: { 'save-no-eof': { text: 'no end', clause: 'channel.save-eof', when: 'any save' } } }),
    traceFiles: () => import('../../harness/trace/file.js'),
  };
  return { parts, calls };
}

/** What came of one command line. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: Calls;
  /** Whether the handler of interrupts was taken back. */
  readonly undone: boolean;
}

/** Run a command line on fakes. @param interrupt called with the way to interrupt, once the command listens for it */
export async function cli(
  args: readonly string[],
  fakes: Fakes = {},
  options: { interrupt?: (stop: () => void) => void; tty?: boolean } = {},
): Promise<Outcome> {
  const { parts, calls } = fakeParts(fakes);
  let stdout = '';
  let stderr = '';
  let undone = true;
  const stream = (write: (text: string) => void) => ({ isTTY: options.tty ?? false, columns: 80, write });
  const status = await invoke(args, {
    stdout: stream((text) => {
      stdout += text;
    }),
    stderr: stream((text) => {
      stderr += text;
    }),
    env: {},
    parts,
    onInterrupt: (stop) => {
      undone = false;
      options.interrupt?.(stop);
      return () => {
        undone = true;
      };
    },
  });
  return { status, stdout, stderr, calls, undone };
}

/** A directory of the test's own, removed behind it. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
