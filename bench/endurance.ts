import { openTarget } from '../backends/index.js';
import { calibrate, runTrace } from '../harness/index.js';
import { openDescriptors, processFacts } from '../native/index.js';
import { expectGood, save } from './migrations.js';

/** Facts of both processes at one moment. */
export interface Sample {
  readonly traces: number;
  /** Bytes: JavaScript objects after a collection, and resident memory, of this process. */
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
  /** The back-end's. */
  readonly backendResident: number;
  readonly backendDescriptors: number;
}

/** Many traces on one reference back-end that is kept, with the facts of both processes on the way.
 * @param samples how many moments are looked at, the first after a share of the traces: nothing is warm before
 * @returns traces a second, the time of looking left out */
export async function endurance(
  directory: string,
  count: number,
  samples: number,
): Promise<{ readonly rate: number; readonly samples: readonly Sample[] }> {
  const target = await openTarget(
    { kind: 'builtin', name: 'reference', args: [] },
    { reuse: true, spares: 0, workDir: directory },
  );
  try {
    const options = { deadlineMs: await calibrate(target), workDir: directory, reuse: true };
    const taken: Sample[] = [];
    let milliseconds = 0;
    let done = 0;
    let pid: number | undefined;
    for (let sample = 1; sample <= samples; sample++) {
      const start = performance.now();
      for (; done < Math.round((count * sample) / samples); done++) {
        const history = await runTrace(save, target, options);
        expectGood(history);
        const { a } = history.sessions;
        if (pid !== undefined && a?.pid !== pid) throw new Error(`the back-end was not kept after ${done} traces`);
        pid = a?.pid;
      }
      milliseconds += performance.now() - start;
      taken.push(look(done, pid ?? 0));
    }
    return { rate: (count * 1000) / milliseconds, samples: taken };
  } finally {
    await target.dispose();
  }
}

function look(traces: number, pid: number): Sample {
  globalThis.gc?.();
  const backend = processFacts(pid);
  return {
    traces,
    heap: process.memoryUsage().heapUsed,
    resident: process.memoryUsage().rss,
    descriptors: openDescriptors().length,
    backendResident: backend?.memory ?? 0,
    backendDescriptors: backend?.descriptors.length ?? 0,
  };
}
