import { type History, runTrace, type Step, type Target } from '../harness/index.js';

/** What the kept processes had at first, and have now. */
export interface Use {
  readonly processes: number;
  /** Of all of them together: descriptors, and resident memory in bytes. */
  readonly descriptors: Change;
  readonly memory: Change;
  /** Descriptors that processes have more than at first; what another one has less does not count against it. */
  readonly more: number;
}

export interface Change {
  readonly before: number;
  readonly after: number;
}

interface Facts {
  readonly descriptors: number;
  readonly memory: number;
}

/** How often the last look is taken while a process has more than at first: what it was left with may take a moment to go. */
const LOOKS = 50;

/** Every look is taken when a process has given its first answer on a new connection: it serves one after the other, so
 * that then nothing of the one before is open any more. */
export class Processes {
  readonly #first = new Map<number, Facts>();

  /** Remember what a process had when it was seen first. */
  saw(history: History): void {
    for (const [pid, facts] of factsOf(history)) if (!this.#first.has(pid)) this.#first.set(pid, facts);
  }

  /** Compare with what they have now. @param pids those that live, as many as the target hands out again */
  async compare(target: Target, pids: readonly number[], options: Parameters<typeof runTrace>[2]): Promise<Use> {
    const trace = askAll(pids.length);
    for (let look = 1; ; look++) {
      const now = factsOf(await runTrace(trace, target, options));
      const use = this.#compare(now, pids);
      if (use.more === 0 || look === LOOKS) return use;
    }
  }

  #compare(now: ReadonlyMap<number, Facts>, pids: readonly number[]): Use {
    const use = { descriptors: { before: 0, after: 0 }, memory: { before: 0, after: 0 }, more: 0 };
    for (const pid of pids) {
      const after = now.get(pid);
      if (after === undefined) throw new Error(`back-end process ${pid} does not answer any more`);
      // A process that no trace has used but this one has nothing to be compared with.
      const before = this.#first.get(pid) ?? after;
      for (const key of ['descriptors', 'memory'] as const) {
        use[key].before += before[key];
        use[key].after += after[key];
      }
      use.more += Math.max(0, after.descriptors - before.descriptors);
    }
    return { processes: pids.length, ...use };
  }
}

function factsOf({ sessions }: History): Map<number, Facts> {
  const found = new Map<number, Facts>();
  for (const { pid, before } of Object.values(sessions)) {
    if (pid !== undefined && before !== undefined) found.set(pid, before);
  }
  return found;
}

/** A question to each of so many processes. */
function askAll(processes: number): Step[] {
  const others = Array.from({ length: processes - 1 }, (_, index) => String.fromCharCode('b'.charCodeAt(0) + index));
  return [
    { do: 'call', message: 'GET_FEATURES' },
    ...others.flatMap((session): Step[] => [
      { do: 'start', session },
      { do: 'call', message: 'GET_FEATURES', on: session },
    ]),
  ];
}
