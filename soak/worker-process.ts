import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PartResult } from './part.js';
import type { Part } from './parts.js';

/** To a worker: run this part. */
export interface ToWorker {
  /** Of the worker. */
  readonly index: number;
  readonly part: Part;
}

/** From a worker: what the part showed, or what is wrong with us. */
export type FromWorker =
  | { readonly type: 'result'; readonly result: PartResult }
  | { readonly type: 'failed'; readonly error: string };

/**
 * Run all parts in so many processes, and tell of each when it is done.
 * @throws Error where a worker fails or ends before its time
 */
export async function runAll(
  parts: readonly Part[],
  jobs: number,
  tell: (result: PartResult) => void,
): Promise<readonly PartResult[]> {
  const waiting = [...parts];
  const results: PartResult[] = [];
  const children: ChildProcess[] = [];
  const work = async (_: unknown, index: number): Promise<void> => {
    const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], { serialization: 'advanced' });
    children.push(child);
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const result = await runIn(child, { index, part });
      results.push(result);
      tell(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, parts.length) }, work));
    return results;
  } finally {
    // It ends with that, also in the middle of a part, where another one has failed.
    for (const child of children) if (child.connected) child.disconnect();
  }
}

function runIn(child: ChildProcess, task: ToWorker): Promise<PartResult> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`a worker ended with ${signal ?? `status ${code}`} during ${task.part.name}`));
    child.once('exit', ended);
    child.once('error', reject);
    child.once('message', (message: FromWorker) => {
      child.off('exit', ended);
      child.off('error', reject);
      if (message.type === 'result') resolve(message.result);
      else reject(new Error(`${task.part.name}: ${message.error}`));
    });
    child.send(task);
  });
}
