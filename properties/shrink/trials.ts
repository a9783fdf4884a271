import { printSteps } from '../../harness/trace/file.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Judgement, Violation } from '../finding.js';
import { FEW, MANY, type Rate } from './reliability.js';

/** Run a trace once and judge what came of it. */
export type Execute = (trace: Trace) => Promise<Judgement>;

/** A violation of another signature that was met on the way: a finding of its own. */
export interface Other {
  readonly violation: Violation;
  readonly trace: Trace;
  readonly judgement: Judgement;
}

/** No more executions: the budget is used up, or the caller wants an end. Never leaves `shrink`. */
export class NoMoreTrials extends Error {}

/** A run that showed the signature. */
export interface Shown {
  readonly violation: Violation;
  readonly judgement: Judgement;
}

interface Known {
  k: number;
  n: number;
  shown?: Shown;
}

export interface TrialOptions {
  readonly maxExecutions: number;
  /** Asked before each execution: true ends the shrinking with the best so far. */
  readonly stop?: () => boolean;
  readonly onProgress?: (executions: number) => void;
}

/** Other findings that are kept: a back-end that is wrong everywhere must not fill the memory. */
const MAX_OTHERS = 64;

/** Executions of candidates: counted, bounded, and remembered by the candidate's printed form. */
export class Trials {
  executions = 0;
  /** Executions that only `measure` may use: a result whose reliability nobody knows is worth little. */
  reserve = 0;
  readonly others = new Map<string, Other>();
  readonly #known = new Map<string, Known>();

  constructor(
    readonly signature: string,
    private readonly execute: Execute,
    private readonly options: TrialOptions,
  ) {}

  /** Count a run that was made elsewhere. */
  add(trace: Trace, judgement: Judgement): Shown | undefined {
    const known = this.#of(trace);
    known.n++;
    let shown: Shown | undefined;
    for (const violation of judgement.violations) {
      if (violation.signature === this.signature) shown ??= { violation, judgement };
      else if (!this.others.has(violation.signature) && this.others.size < MAX_OTHERS)
        this.others.set(violation.signature, { violation, trace, judgement });
    }
    if (shown !== undefined) {
      known.k++;
      known.shown = shown;
    }
    return shown;
  }

  /**
   * Whether a trace shows the signature at least once in `tries` runs, those made before included.
   * @throws NoMoreTrials
   */
  async shows(trace: Trace, tries: number): Promise<Shown | undefined> {
    const known = this.#of(trace);
    while (known.shown === undefined && known.n < tries) await this.#run(trace, this.reserve);
    return known.shown;
  }

  /**
   * Whether a trace shows the signature in each of `runs` runs, those made before included. @throws NoMoreTrials
   */
  async always(trace: Trace, runs: number): Promise<boolean> {
    const known = this.#of(trace);
    while (known.k === known.n && known.n < runs) await this.#run(trace, this.reserve);
    return known.k === known.n;
  }

  /**
   * How often a trace shows the signature: 5 new runs, and 20 where not all of them show it, or there is doubt whether
   * all would. What was seen before where no more can be run.
   */
  async measure(trace: Trace, doubt = false): Promise<Rate> {
    const few = doubt || this.known(trace).k < this.known(trace).n ? MANY : FEW;
    let k = 0;
    let n = 0;
    try {
      while (n < few || (k < n && n < MANY)) {
        if (await this.#run(trace, 0)) k++;
        n++;
      }
    } catch (error) {
      if (!(error instanceof NoMoreTrials)) throw error;
    }
    return n === 0 || (k === 0 && n < MANY) ? this.known(trace) : { k, n };
  }

  /** What all runs of a trace together said. */
  known(trace: Trace): Rate {
    const { k, n } = this.#of(trace);
    return { k, n };
  }

  /** The last run of a trace that showed the signature. */
  shown(trace: Trace): Shown | undefined {
    return this.#of(trace).shown;
  }

  async #run(trace: Trace, reserve: number): Promise<Shown | undefined> {
    if (this.executions >= this.options.maxExecutions - reserve || this.options.stop?.()) throw new NoMoreTrials();
    this.executions++;
    const judgement = await this.execute(trace);
    this.options.onProgress?.(this.executions);
    return this.add(trace, judgement);
  }

  #of(trace: Trace): Known {
    const key = printSteps(trace);
    const known = this.#known.get(key) ?? { k: 0, n: 0 };
    this.#known.set(key, known);
    return known;
  }
}
