import type { History } from '../../harness/history.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Violation } from '../finding.js';
import { type JudgeOptions, judge } from '../judge/index.js';

/**
 * Whether what a run has shown so far tells whether a violation shows: it did, or its session is judged no further. What a
 * process does at its end can follow anything.
 * @returns what `runTrace` asks
 */
export function enough(
  trace: Trace,
  { signature, level, on }: Violation,
  { variants, comparable }: JudgeOptions,
): (soFar: History, step: number) => boolean {
  return (soFar, step) => {
    const { violations, lost } = judge(trace.slice(0, step + 1), soFar, { variants, comparable });
    return (
      violations.some((violation) => violation.signature === signature) || (level !== 'robust' && lost.includes(on))
    );
  };
}
