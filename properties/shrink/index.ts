/** A trace that shows a violation becomes the smallest that shows the same. */
export { MAX_EXECUTIONS, measure, type ShrinkOptions, type Shrunk, shrink } from './shrink.js';
export type { Execute, Other } from './trials.js';
