import type { HistoryEvent } from './history.js';

/** An event without its place and time. */
export type Happening = HistoryEvent extends infer E
  ? E extends HistoryEvent
    ? Omit<E, 'step' | 'us' | 'on'>
    : never
  : never;

/** Collects the events of one trace in the order in which they are seen. */
export class Recorder {
  readonly events: HistoryEvent[] = [];
  /** Index of the step that is being done; the number of steps after the last one. */
  step = 0;
  readonly #begin = performance.now();

  /** @param step where the event belongs to an earlier step than the present one (a glued message). */
  add(on: string, happening: Happening, step = this.step): void {
    const us = Math.round((performance.now() - this.#begin) * 1000);
    this.events.push({ step, us, on, ...happening } as HistoryEvent);
  }

  /** Milliseconds since the trace began. */
  elapsed(): number {
    return performance.now() - this.#begin;
  }
}
