/** A worker of a campaign as a process: told what to do by messages, see `campaign/worker-process.ts`. */
import { rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UserError } from '../harness/index.js';
import { allowedCpus, pinTo, startOn } from '../native/index.js';
import { openLab } from './campaign/lab.js';
import type { WorkerOptions } from './campaign/options.js';
import type { FromWorker, Hooks, ToWorker } from './campaign/reports.js';
import { runWorker } from './campaign/worker.js';

const stop = new AbortController();
const asked = new Map<string, (granted: boolean) => void>();

/** Resolves when it is on its way; also where nobody listens any more. */
const send = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });

/**
 * One processor for the worker and the back-ends that it talks to: that is what makes round trips fast. They start where no
 * worker is, if there is such a place: on each other's processors they would cost more than they bring.
 */
function pin({ index, jobs }: WorkerOptions): void {
  const cpus = allowedCpus();
  pinTo(cpus[index % cpus.length]!);
  startOn(cpus.slice(jobs));
}

async function work(options: WorkerOptions): Promise<void> {
  try {
    pin(options);
    const hooks: Hooks = {
      tell: (report) => void send({ type: 'report', report }),
      claim: (signature) =>
        new Promise((resolve) => {
          asked.set(signature, resolve);
          if (!process.connected) return resolve(false);
          void send({ type: 'claim', signature });
        }),
      release: (signature) => void send({ type: 'release', signature }),
      signal: stop.signal,
    };
    await runWorker(options, hooks, openLab);
    await send({ type: 'done' });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
    await send({
      type: 'failed',
      user: error instanceof UserError,
      message: error.message,
      stack: `${error.stack ?? error.message}${cause}`,
    });
  }
  if (!process.connected) leaveFolder();
  process.exit();
}

/** Nobody is left to remove the folder that we were given. */
function leaveFolder(): void {
  try {
    rmdirSync(tmpdir());
  } catch {
    // It is not empty: then it was not ours alone.
  }
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'start') void work(message.options);
  else if (message.type === 'stop') stop.abort();
  else asked.get(message.signature)?.(message.granted);
});

// Nobody is left to work for.
process.on('disconnect', () => {
  stop.abort();
  for (const answer of asked.values()) answer(false);
});
