import type { Trace } from './step.js';

/** The format's name and version: the first line of every file. */
export const FORMAT = 'vhost-check/trace@1';

/** What a corpus file holds: a trace, and what is known of it. */
export interface TraceFile {
  /** One line. */
  readonly title: string;
  /** Why it is there: for a finding, why it is one. */
  readonly comment?: string;
  /** The built-in back-end that it was found on or is meant for, with its version. Never a command. */
  readonly backend?: {
    readonly name: string;
    readonly version?: string;
    /** Of the reference back-end only: `--fault`, `--variant`, `--own-channel`, `--state-size`. */
    readonly args?: readonly string[];
  };
  /** What a run of it shows: every clause holds, or the one below does not. */
  readonly verdict: 'pass' | 'fail';
  readonly clause?: string;
  readonly level?: 'must' | 'should' | 'may' | 'robust';
  readonly signature?: string;
  /** Outputs that were allowed, in words. */
  readonly expected?: readonly string[];
  /** What came, in words. */
  readonly observed?: string;
  /** Of `n` runs `k` showed the signature. */
  readonly reproduces?: { readonly k: number; readonly n: number };
  /** How long a due answer was waited for, milliseconds. */
  readonly deadlineMs?: number;
  /** Answers to open questions that the verdict rests on, by question. */
  readonly variants?: Readonly<Record<string, string>>;
  readonly steps: Trace;
  /** Remarks behind steps, by the step's index; one line each. */
  readonly comments?: Readonly<Record<number, string>>;
}
