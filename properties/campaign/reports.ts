import type { CampaignResult, Finding } from '../finding.js';
import type { WorkerOptions } from './options.js';

/** What a worker has done since its last report. */
export interface Tally {
  /** That were generated. */
  traces: number;
  /** That were run, also in traces that were being confirmed or shrunk. */
  steps: number;
  /** Transitions that it had not taken before. */
  transitions: string[];
  /** Traces that reached a clause, by clause. */
  clauses: Record<string, number>;
  /** Traces that showed an answer, by open question and answer. */
  answers: Record<string, Record<string, number>>;
  /** Traces that showed a violation, by signature. */
  seen: Record<string, number>;
  /** Violations that did not show again. */
  unconfirmed: number;
  /** The signature that is being shrunk. */
  shrinking?: string;
}

export const emptyTally = (): Tally => ({
  traces: 0,
  steps: 0,
  transitions: [],
  clauses: {},
  answers: {},
  seen: {},
  unconfirmed: 0,
});

/** From a worker to the campaign. */
export type Report =
  | { readonly type: 'ready'; readonly backend: CampaignResult['backend'] }
  | { readonly type: 'tally'; readonly tally: Tally }
  /** Confirmed, and later once more when it is shrunk. */
  | { readonly type: 'finding'; readonly finding: Finding };

/** Between the processes. */
export type FromWorker =
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'claim'; readonly signature: string }
  | { readonly type: 'release'; readonly signature: string }
  | { readonly type: 'failed'; readonly user: boolean; readonly message: string; readonly stack: string }
  | { readonly type: 'done' };

export type ToWorker =
  | { readonly type: 'start'; readonly options: WorkerOptions }
  | { readonly type: 'granted'; readonly signature: string; readonly granted: boolean }
  | { readonly type: 'stop' };

/** What a worker needs of the campaign. */
export interface Hooks {
  tell(report: Report): void;
  /** Whether this worker is the one that looks into a signature. */
  claim(signature: string): Promise<boolean>;
  /** It was nothing: whoever meets it next may look. */
  release(signature: string): void;
  readonly signal: AbortSignal;
}
