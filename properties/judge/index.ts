/** The judge: a history against the model, clause by clause. */
export type { JudgeOptions } from './context.js';
export { judge } from './judge.js';
