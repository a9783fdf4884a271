import type { Trace } from '../harness/trace/step.js';

/** must, should, may: as the source says. robust: the harness's own demand. */
export type Level = 'must' | 'should' | 'may' | 'robust';

/** A clause that failed, and where. */
export interface Violation {
  /** Clause id, for example `set.no-error-with-fd`. */
  readonly clause: string;
  readonly level: Level;
  /** Index of the step that shows it; the number of steps when seen after the last. */
  readonly step: number;
  /** The session that it concerns. */
  readonly on: string;
  /** Outputs that were allowed there, in words. */
  readonly expected: readonly string[];
  /** What was observed, in words. */
  readonly observed: string;
  /** Clause, kind of step, abstract state, and for a crash the top frame: what makes two findings one. */
  readonly signature: string;
}

/** What the judge says of one history. */
export interface Judgement {
  /** All violations, in the order of their steps. Empty: every clause that was reached holds. */
  readonly violations: readonly Violation[];
  /** Clauses that were reached, with how often. */
  readonly reached: Readonly<Record<string, number>>;
  /** Open questions that the back-end answered, with its answer. */
  readonly answers: Readonly<Record<string, string>>;
  /** Model transitions that were taken: `state|label`. */
  readonly transitions: readonly string[];
  /** Number of steps from the start that the model explains. */
  readonly explained: number;
  /** Sessions of which the end is not judged: nothing explains them from some step on, or too much could. */
  readonly lost: readonly string[];
}

/** A violation with its shortest trace. */
export interface Finding extends Violation {
  readonly trace: Trace;
  /** Of `n` runs of `trace`, `k` showed the signature. */
  readonly reproduces: { readonly k: number; readonly n: number };
  /** Steps of the trace that first showed it. */
  readonly originalSteps: number;
  /** How many traces of the campaign showed it. */
  readonly seen: number;
  /** Executions that shrinking took. */
  readonly executions: number;
  /** No step can be taken from it; false where there was no time to find out. */
  readonly minimal: boolean;
  readonly deadlineMs: number;
  /** Last lines of the back-end's standard error, where it ended. */
  readonly stderr?: string;
  /** The corpus file that holds it, relative to `--out`. */
  readonly file?: string;
}

/** What a campaign found. */
export interface CampaignResult {
  readonly backend: { readonly name: string; readonly version: string };
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly coverage: {
    readonly transitions: number;
    /** Clause id to the number of traces that reached it. */
    readonly clauses: Readonly<Record<string, number>>;
    /** Open question to answer to the number of traces that showed it. */
    readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  readonly stats: {
    readonly traces: number;
    readonly steps: number;
    readonly seconds: number;
    readonly stepsPerSecond: number;
    readonly interrupted: boolean;
  };
}

/** Live numbers for a progress line. */
export interface Progress {
  readonly traces: number;
  readonly steps: number;
  readonly seconds: number;
  readonly transitions: number;
  readonly findings: number;
  /** The finding that is being shrunk, if one is. */
  readonly shrinking?: string;
}
