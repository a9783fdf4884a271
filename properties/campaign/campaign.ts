import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../harness/index.js';
import { MAX_EXECUTIONS } from '../shrink/index.js';
import { type Campaign, Collector } from './collector.js';
import type { OpenLab } from './lab.js';
import { campaignLimits as limits } from './limits.js';
import type { CampaignOptions, WorkerOptions } from './options.js';
import type { Hooks } from './reports.js';
import { runWorker } from './worker.js';
import { workerProcess } from './worker-process.js';

/** The worker as it is compiled. There is none where this file runs from the source tree. */
const program = fileURLToPath(new URL('../worker.js', import.meta.url));

/**
 * Run traces on a back-end until their number or the time is reached, or the signal ends it. What is found is shrunk.
 * @param open for workers in this process: what they work with
 * @throws UserError where the back-end cannot be started; Error where a worker crashes
 */
export async function runCampaign(options: CampaignOptions, open?: OpenLab): Promise<Campaign> {
  const collector = new Collector();
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const { onProgress } = options;
  const progress = onProgress && setInterval(() => onProgress(collector.progress()), limits.reportMs);
  const isolated = open === undefined && !options.inProcess && existsSync(program);
  const start = (worker: WorkerOptions) => {
    const hooks = hooksFor(worker.index, collector, signal);
    return isolated ? workerProcess(program, worker, hooks) : here(worker, hooks, open);
  };
  const stopOthers = (error: unknown) => {
    failed.abort();
    throw error;
  };
  try {
    const workers = workersFor(options);
    throwFirst(await Promise.allSettled(workers.map((worker) => start(worker).catch(stopOthers))));
    return collector.result(options.seed, options.signal?.aborted ?? false);
  } finally {
    clearInterval(progress);
  }
}

/** In this process. What generates and judges is loaded only then: the parent of worker processes needs none of it. */
async function here(worker: WorkerOptions, hooks: Hooks, open?: OpenLab): Promise<void> {
  await runWorker(worker, hooks, open ?? (await import('./lab.js')).openLab);
}

function hooksFor(worker: number, collector: Collector, signal: AbortSignal): Hooks {
  return {
    tell: (report) => collector.add(worker, report),
    claim: async (signature) => collector.claim(signature),
    release: (signature) => collector.release(signature),
    signal,
  };
}

function workersFor(options: CampaignOptions): WorkerOptions[] {
  const { spec, runs, seconds, seed, reuse, levels, clauses, variants, deadlineMs } = options;
  // Whoever listens there already need not serve two at once.
  const most = spec.kind === 'connect' ? 1 : (runs ?? Number.POSITIVE_INFINITY);
  const jobs = Math.max(1, Math.min(options.jobs, most));
  return Array.from({ length: jobs }, (_, index) => ({
    spec,
    index,
    jobs,
    ...(runs === undefined ? {} : { runs }),
    ...(seconds === undefined ? {} : { seconds }),
    seed,
    reuse,
    levels: [...levels],
    ...(clauses === undefined ? {} : { clauses }),
    variants,
    moods: options.moods ?? ['lawful', 'open', 'hostile'],
    maxShrinkExecutions: options.maxShrinkExecutions ?? MAX_EXECUTIONS,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    inProcess: options.inProcess ?? false,
  }));
}

/** A mistake of the user's explains what came after it: it goes first. */
function throwFirst(results: readonly PromiseSettledResult<void>[]): void {
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length > 0) throw errors.find((error) => error instanceof UserError) ?? errors[0];
}
