/** A trace runs on a live back-end and becomes a history. */
export { calibrate } from './calibrate.js';
export type { History, HistoryEvent, ProcessFacts, ReceivedDescriptor, SessionFacts } from './history.js';
export { limits } from './limits.js';
export { runTrace } from './run.js';
export type { RunOptions } from './run-state.js';
export type { Exit, Instance, Target } from './target.js';
export type { Step, Trace } from './trace/step.js';
export { UserError } from './user-error.js';
export { writeFileWhole } from './write-whole.js';
