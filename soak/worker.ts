/** A process that runs parts of the soak, one after the other, as `worker-process.ts` tells it. */
import { allowedCpus, pinTo } from '../native/index.js';
import { runPart } from './part.js';
import { partsOf } from './parts.js';
import type { FromWorker, ToWorker } from './worker-process.js';

const send = (message: FromWorker) => process.send?.(message);

/** Node and the addon open some descriptors when they are used first: those are no leak. */
async function warmUp(): Promise<void> {
  await runPart({ ...partsOf({ runs: 20, each: 0, pinned: 0, seed: 0 })[0]! });
}

let warm: Promise<void> | undefined;

process.on('message', async ({ index, part }: ToWorker) => {
  try {
    if (warm === undefined) {
      const cpus = allowedCpus();
      // One processor for the harness and its back-ends: that is what makes round trips fast.
      pinTo(cpus[index % cpus.length]!);
      warm = warmUp();
    }
    await warm;
    send({ type: 'result', result: await runPart(part) });
  } catch (error) {
    send({ type: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

// Nobody is left to work for.
process.on('disconnect', () => process.exit());
