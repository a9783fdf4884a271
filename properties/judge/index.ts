/** The judge: a history against the model, clause by clause. */
export { type JudgeOptions, judge } from './judge.js';
