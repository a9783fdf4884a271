import type { TargetSpec } from '../../backends/index.js';
import type { Level, Progress } from '../finding.js';
import type { Mood } from '../generate/index.js';

/** What is tested, for how long, and what counts. */
export interface CampaignOptions {
  readonly spec: TargetSpec;
  /** This many traces, over all workers. */
  readonly runs?: number;
  /** This long; shrinking may take a little longer. Without `runs` and `seconds` a campaign ends by its signal only. */
  readonly seconds?: number;
  /** Where the traces come from: with one job the same seed and number of runs give the same traces. */
  readonly seed: number;
  /** Worker processes, each with a processor and back-ends of its own. */
  readonly jobs: number;
  /** Keep a back-end that survived a trace for the next one. */
  readonly reuse: boolean;
  /** Violations of other levels are not looked at. */
  readonly levels: ReadonlySet<Level>;
  /** Violations of other clauses are not looked at. */
  readonly clauses?: readonly string[];
  /** Answers to open questions that the back-end has to give. */
  readonly variants: Readonly<Record<string, string>>;
  /** All of them when left out. */
  readonly moods?: readonly Mood[];
  /** Executions that the shrinking of one finding may take. */
  readonly maxShrinkExecutions?: number;
  /** How long a due answer is waited for; calibrated when left out. */
  readonly deadlineMs?: number;
  /** Workers, and the reference back-end, in this process: for tests. */
  readonly inProcess?: boolean;
  /** About five times a second. */
  onProgress?(progress: Progress): void;
  /** Ends the campaign with what was found. */
  readonly signal?: AbortSignal;
}

/** What one worker is told. It crosses a process boundary. */
export interface WorkerOptions {
  readonly spec: TargetSpec;
  readonly index: number;
  readonly jobs: number;
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly reuse: boolean;
  readonly levels: readonly Level[];
  readonly clauses?: readonly string[];
  readonly variants: Readonly<Record<string, string>>;
  readonly moods: readonly Mood[];
  readonly maxShrinkExecutions: number;
  readonly deadlineMs?: number;
  readonly inProcess: boolean;
}
