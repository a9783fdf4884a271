/** What the commands stand on. Each part is loaded when a command needs it: `--help` loads none of them. */
export interface Parts {
  registry(): Promise<Registry>;
  coverage(): Promise<Coverage>;
  properties(): Promise<Properties>;
  backends(): Promise<Backends>;
  traceFiles(): Promise<TraceFiles>;
  faults(): Promise<Faults>;
}

/** The registry of clauses and open questions. */
export interface Registry {
  readonly clauses: readonly import('../model/clauses/index.js').Clause[];
  readonly openQuestions: readonly import('../model/clauses/index.js').OpenQuestion[];
}

/** Which clauses the model judges, and which its generation exercises. */
export type Coverage = Pick<typeof import('../model/session/index.js'), 'judgedClauses' | 'exercisedClauses'>;

/** Campaigns, replays and shrinking. */
export interface Properties {
  runCampaign(options: Parameters<PropertiesModule['runCampaign']>[0]): ReturnType<PropertiesModule['runCampaign']>;
  readonly replayTrace: PropertiesModule['replayTrace'];
  readonly shrinkTrace: PropertiesModule['shrinkTrace'];
}

type PropertiesModule = typeof import('../properties/index.js');

/** Back-ends by name. */
export type Backends = Pick<typeof import('../backends/index.js'), 'listBackends' | 'installBackends'>;

/** Corpus files. */
export type TraceFiles = Pick<typeof import('../harness/trace/file.js'), 'parseTraceFile'>;

/** The deliberate faults of the reference back-end. */
export interface Faults {
  readonly faults: Readonly<Record<string, import('../backends/reference/index.js').Fault>>;
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
