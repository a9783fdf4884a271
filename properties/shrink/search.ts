import { printSteps } from '../../harness/trace/file.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Violation } from '../finding.js';
import { type Rate, triesFor } from './reliability.js';
import { repair } from './repair.js';
import type { Trials } from './trials.js';

/** One way to make a trace smaller: proposes candidates until none is taken. */
export type Pass = (search: Search) => Promise<void>;

/** A trace that always shows its violation is not given up for one that shows it sometimes. */
const RELIABLE_RUNS = 2;

/** The smallest trace so far, and what it takes to accept a smaller one. */
export class Search {
  /** All that were accepted, in order: the last one is the smallest. */
  readonly accepted: Trace[];
  readonly #seen = new Set<string>();
  #tries = 1;
  #reliable = true;

  constructor(
    readonly trials: Trials,
    original: Trace,
    private readonly onAccepted: () => void = () => {},
  ) {
    this.accepted = [original];
    this.#seen.add(printSteps(original));
  }

  get trace(): Trace {
    return this.accepted.at(-1)!;
  }

  /** As the last run of the trace showed it. */
  get violation(): Violation {
    return this.trials.shown(this.trace)!.violation;
  }

  /** Make candidates prove themselves as often as something of this rate needs it. */
  demand(rate: Rate): void {
    this.#tries = Math.max(this.#tries, triesFor(rate));
    this.#reliable = rate.k === rate.n;
  }

  /** The most runs that it takes to try each step of the smallest trace once more, whether it can go. */
  get lastLook(): number {
    return this.trace.length * this.#tries;
  }

  /** Whether candidates got enough tries for something of this rate. */
  suffices(rate: Rate): boolean {
    return triesFor(rate) <= this.#tries;
  }

  /** Go back to a trace that was accepted before. */
  back(to: number): void {
    this.accepted.length = to + 1;
  }

  /** Go on from this trace, which is no smaller but shows it more often. */
  adopt(trace: Trace): void {
    this.#seen.add(printSteps(trace));
    this.accepted.push(trace);
    this.onAccepted();
  }

  /**
   * Try a candidate, made well formed where need be. It is refused where it was the smallest before: so no two passes
   * can undo each other for ever. @returns whether it is the smallest now. @throws NoMoreTrials
   */
  async try(candidate: Trace): Promise<boolean> {
    const repaired = repair(candidate);
    if (repaired === undefined) return false;
    const key = printSteps(repaired);
    if (this.#seen.has(key)) return false;
    if ((await this.trials.shows(repaired, this.#tries)) === undefined) return false;
    if (this.#reliable && !(await this.trials.always(repaired, RELIABLE_RUNS))) return false;
    this.#seen.add(key);
    this.accepted.push(repaired);
    this.onAccepted();
    return true;
  }
}
