/**
 * Two tasks on one processor, one at a time. Where both want to go on, the one that used less time does: shrinking takes
 * at most half of a campaign's time, however much there is to shrink.
 */
export class Turns<Task extends string> {
  readonly #used = new Map<Task, number>();
  readonly #waiting = new Map<Task, () => void>();
  #busy = false;

  /** Do some work when it is this task's turn. A task has one piece of work at a time. */
  async run<T>(task: Task, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      if (this.#waiting.has(task)) throw new Error(`${task} waits for its turn already`);
      this.#waiting.set(task, resolve);
      this.#next();
    });
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.#used.set(task, this.#of(task) + performance.now() - begin);
      // The task that had this turn gets the chance to ask for another before the next one is given away.
      setImmediate(() => {
        this.#busy = false;
        this.#next();
      });
    }
  }

  #of(task: Task): number {
    return this.#used.get(task) ?? 0;
  }

  #next(): void {
    if (this.#busy) return;
    const [first] = [...this.#waiting].sort(([a], [b]) => this.#of(a) - this.#of(b));
    if (first === undefined) return;
    this.#busy = true;
    this.#waiting.delete(first[0]);
    first[1]();
  }
}
