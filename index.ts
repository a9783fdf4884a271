/** What `vhost-check` does, for programs and tests of your own. */
export {
  type BackendListing,
  listBackends,
  type OpenOptions,
  openTarget,
  type Suite,
  type TargetSpec,
} from './backends/index.js';
export {
  calibrate,
  type Exit,
  type History,
  type HistoryEvent,
  type Instance,
  type ProcessFacts,
  type ReceivedDescriptor,
  type RunOptions,
  runTrace,
  type SessionFacts,
  type Step,
  type Target,
  type Trace,
  UserError,
} from './harness/index.js';
export {
  checkTrace,
  type Problem,
  parseTraceFile,
  printStep,
  printSteps,
  printTraceFile,
  type TraceFile,
} from './harness/trace/file.js';
export { type Clause, clause, clauses, type OpenQuestion, openQuestions } from './model/clauses/index.js';
export * as wire from './model/wire/index.js';
export * from './properties/index.js';
