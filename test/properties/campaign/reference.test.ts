import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../harness/index.js';
import { printSteps } from '../../../harness/trace/file.js';
import { unclosed } from '../../../native/index.js';
import { openLab } from '../../../properties/campaign/lab.js';
import type { WorkerOptions } from '../../../properties/campaign/options.js';
import type { Report } from '../../../properties/campaign/reports.js';
import { workerProcess } from '../../../properties/campaign/worker-process.js';
import { replayTrace, runCampaign, shrinkTrace } from '../../../properties/index.js';
import { options } from './support.js';

const reference = (...args: string[]) => ({ kind: 'builtin', name: 'reference', args }) as const;
// Other tests make folders of these names at the same time: these have a place of their own.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'campaign-'));
afterAll(() => rmSync(process.env.TMPDIR!, { recursive: true, force: true }));
const folders = () => readdirSync(tmpdir()).filter((name) => /^vhost-check-[A-Za-z0-9]{6}$/.test(name));
const missing = { kind: 'command', argv: ['/nonexistent/program', '{socket}'] } as const;

describe('a campaign on the reference back-end', () => {
  it('finds nothing wrong with it, and leaves nothing behind', async () => {
    const before = { folders: folders(), open: unclosed() };
    const result = await runCampaign(options({ runs: 40, seed: 11, jobs: 2 }));
    expect(result.findings).toEqual([]);
    expect(result.stats.traces).toBe(40);
    expect(result.backend.name).toBe('reference');
    expect(result.coverage.transitions).toBeGreaterThan(50);
    expect(Object.keys(result.coverage.clauses).length).toBeGreaterThan(10);
    expect({ folders: folders(), open: unclosed() }).toEqual(before);
  });

  it('finds a fault, shrinks it to what shows it, and replays it', async () => {
    const spec = reference('--fault', 'no-descriptor-accepted');
    const { findings } = await runCampaign(options({ spec, runs: 200, seed: 2 }));
    const found = findings.find(({ clause }) => clause === 'set.one-fd');
    expect(found?.reproduces).toEqual({ k: 5, n: 5 });
    expect(found!.trace.length).toBeLessThanOrEqual(4);
    const replay = { spec, runs: 2, variants: {}, levels: new Set(['must'] as const), inProcess: true };
    const again = await replayTrace(found!.trace, { ...replay, deadlineMs: found!.deadlineMs });
    expect(again.runs).toBe(2);
    for (const { violations } of again.judgements) {
      expect(violations.map(({ signature }) => signature)).toContain(found!.signature);
    }
    const healthy = await replayTrace(found!.trace, { ...replay, spec: reference() });
    expect(healthy.judgements.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('shrinks a stored trace', async () => {
    const spec = reference('--fault', 'reply-no-flag');
    const trace = [
      { do: 'open', name: 'other', kind: 'pipe' },
      { do: 'call', message: 'SET_OWNER' },
      { do: 'call', message: 'GET_PROTOCOL_FEATURES' },
      { do: 'close', name: 'other' },
    ] as const;
    const shrinking = { spec, runs: 1, variants: {}, levels: new Set(['must'] as const), inProcess: true };
    let told = 0;
    const onProgress = (executions: number) => {
      told = executions;
    };
    const found = await shrinkTrace(trace, undefined, { ...shrinking, maxExecutions: 100, onProgress });
    expect(found).toMatchObject({
      clause: 'header.reply-flag',
      trace: [{ do: 'call', message: 'GET_PROTOCOL_FEATURES' }],
      originalSteps: 4,
      reproduces: { k: 5, n: 5 },
      executions: told,
    });
    expect(told).toBeLessThanOrEqual(100);
    expect(await shrinkTrace(trace, 'another', { ...shrinking, maxExecutions: 100 })).toBeUndefined();
    const healthy = { ...shrinking, spec: reference(), maxExecutions: 100 };
    expect(await shrinkTrace(trace, undefined, healthy)).toBeUndefined();
  });

  it('makes the same traces from the same seed', async () => {
    const make = async (seed: number) => {
      const lab = await openLab({ ...worker, seed, inProcess: true });
      try {
        const made: string[] = [];
        for (let index = 0; index < 12; index++) {
          const trace = lab.generate(index);
          made.push(printSteps(trace));
          lab.learn((await lab.run(trace)).judgement);
        }
        return made;
      } finally {
        await lab.close();
      }
    };
    const first = await make(5);
    expect(await make(5)).toEqual(first);
    expect(await make(6)).not.toEqual(first);
    expect(new Set(first).size).toBe(12);
  });

  it('says what the user did wrong', async () => {
    await expect(runCampaign(options({ spec: missing }))).rejects.toThrow(UserError);
    const replay = { spec: missing, runs: 1, variants: {}, levels: new Set(['must'] as const) };
    await expect(replayTrace([], replay)).rejects.toThrow(UserError);
    await expect(shrinkTrace([], undefined, { ...replay, maxExecutions: 5 })).rejects.toThrow(UserError);
  });
});

const worker: WorkerOptions = {
  spec: reference(),
  index: 0,
  jobs: 1,
  runs: 5,
  seed: 3,
  reuse: false,
  levels: ['must', 'should', 'may', 'robust'],
  variants: {},
  moods: ['lawful', 'open', 'hostile'],
  maxShrinkExecutions: 50,
  inProcess: false,
};

describe('the worker as it is compiled', () => {
  const program = fileURLToPath(new URL('../../../dist/properties/worker.js', import.meta.url));
  const run = async (given: WorkerOptions) => {
    const told: Report[] = [];
    const signal = new AbortController().signal;
    const tell = (report: Report) => void told.push(report);
    await workerProcess(program, given, { tell, claim: async () => true, release: () => {}, signal });
    return told;
  };

  it('is there', () => expect(existsSync(program), 'npm run build makes it').toBe(true));

  it('runs its traces on a back-end of its own', async () => {
    const before = folders();
    const told = await run(worker);
    expect(told[0]).toMatchObject({ type: 'ready', backend: { name: 'reference' } });
    const traces = told.map((report) => (report.type === 'tally' ? report.tally.traces : 0));
    expect(traces.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(told.filter(({ type }) => type === 'finding')).toEqual([]);
    expect(folders()).toEqual(before);
  });

  it('hands the mistake of a user over', async () => {
    await expect(run({ ...worker, spec: missing })).rejects.toThrow(UserError);
  });
});
