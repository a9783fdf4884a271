import type { BackendListing, Installed, Suite, TargetSpec } from '../backends/index.js';
import type { TraceFile } from '../harness/trace/file.js';
import type { Trace } from '../harness/trace/step.js';
import type { CampaignResult, Finding, Judgement, Level, Progress } from '../properties/finding.js';

/** The registry of clauses, as the commands use it. */
export interface Registry {
  readonly clauses: readonly {
    readonly id: string;
    readonly level: Level;
    readonly side: 'back-end' | 'front-end' | 'both';
    readonly section: string;
    readonly text: string;
  }[];
  readonly openQuestions: readonly {
    readonly id: string;
    readonly question: string;
    readonly section: string;
    readonly answers: readonly { readonly name: string; readonly text: string }[];
  }[];
}

/** Which clauses the model judges, and which its generation exercises. */
export interface Coverage {
  judgedClauses(): ReadonlySet<string>;
  exercisedClauses(): ReadonlySet<string>;
}

export interface CampaignOptions {
  readonly spec: TargetSpec;
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly jobs: number;
  readonly reuse: boolean;
  readonly levels: ReadonlySet<Level>;
  readonly clauses?: readonly string[];
  readonly variants: Readonly<Record<string, string>>;
  readonly moods?: readonly ('lawful' | 'open' | 'hostile')[];
  onProgress?(progress: Progress): void;
  readonly signal?: AbortSignal;
}

export interface ReplayOptions {
  readonly spec: TargetSpec;
  readonly runs: number;
  readonly deadlineMs?: number;
  readonly variants: Readonly<Record<string, string>>;
  readonly levels: ReadonlySet<Level>;
}

/** Campaigns, replays and shrinking. */
export interface Properties {
  runCampaign(options: CampaignOptions): Promise<CampaignResult>;
  replayTrace(
    trace: Trace,
    options: ReplayOptions,
  ): Promise<{ readonly runs: number; readonly judgements: readonly Judgement[] }>;
  shrinkTrace(
    trace: Trace,
    signature: string | undefined,
    options: ReplayOptions & { readonly maxExecutions: number; onProgress?(executions: number): void },
  ): Promise<Finding | undefined>;
}

/** Back-ends by name. */
export interface Backends {
  listBackends(): Promise<readonly BackendListing[]>;
  installBackends(names: readonly string[], suite?: Suite, say?: (line: string) => void): Promise<readonly Installed[]>;
}

/** The deliberate faults of the reference back-end. */
export interface Faults {
  readonly faults: Readonly<Record<string, { readonly text: string; readonly clause: string; readonly when: string }>>;
}

/** Corpus files. */
export interface TraceFiles {
  parseTraceFile(text: string, fileName: string): TraceFile;
}

/** The parts that commands stand on, each loaded when a command needs it: `--help` loads none of them. */
export interface Parts {
  registry(): Promise<Registry>;
  coverage(): Promise<Coverage>;
  properties(): Promise<Properties>;
  backends(): Promise<Backends>;
  traceFiles(): Promise<TraceFiles>;
  faults(): Promise<Faults>;
}

/** The real ones. */
export const parts: Parts = {
  registry: () => import('../model/clauses/index.js'),
  coverage: () => import('../model/session/index.js'),
  properties: () => import('../properties/index.js'),
  backends: () => import('../backends/index.js'),
  traceFiles: () => import('../harness/trace/file.js'),
  faults: () => import('../backends/reference/index.js'),
};
