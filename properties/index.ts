/** Traces from the model, verdicts on what a back-end does with them, and campaigns of many: also for tests of your own. */
export { type Campaign, type CampaignOptions, runCampaign } from './campaign/index.js';
export type { CampaignResult, Finding, Judgement, Level, Progress, Violation } from './finding.js';
export { Coverage, type Mood, type Profile, probe, type TraceOptions, traces } from './generate/index.js';
export { type JudgeOptions, judge } from './judge/index.js';
export { type ReplayOptions, replayTrace, type ShrinkTraceOptions, shrinkTrace } from './replay.js';
export { type Execute, type ShrinkOptions, type Shrunk, shrink } from './shrink/index.js';
