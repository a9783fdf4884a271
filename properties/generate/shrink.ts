import { checkTrace } from '../../harness/trace/check.js';
import type { MessageStep, Step, Trace } from '../../harness/trace/step.js';

/** Smaller well-formed traces than this one: without a chunk of its steps, without one, with a simpler argument. The most
 * promising come first. */
export function* smaller(trace: Trace): Iterable<Trace> {
  const seen = new Set<string>();
  const fresh = (candidate: Trace): boolean => {
    const text = JSON.stringify(candidate);
    return !seen.has(text) && seen.add(text).size > 0;
  };
  for (let size = Math.floor(trace.length / 2); size >= 1; size = Math.floor(size / 2)) {
    // From behind: what is seen late needs more of what comes before it than of what comes after.
    for (let end = trace.length; end > 0; end -= size) {
      const candidate = repaired([...trace.slice(0, Math.max(0, end - size)), ...trace.slice(end)]);
      if (fresh(candidate)) yield candidate;
    }
  }
  for (const [index, step] of trace.entries()) {
    for (const simple of simpler(step)) {
      const candidate = repaired(trace.with(index, simple));
      if (candidate.length === trace.length && fresh(candidate)) yield candidate;
    }
  }
}

/** The trace without the steps that became meaningless: their object or session is gone. */
export function repaired(trace: Trace): Trace {
  let steps = trace;
  for (;;) {
    const problem = checkTrace(steps);
    if (problem === undefined) return steps;
    steps = steps.toSpliced(problem.step, 1);
  }
}

/** Optional arguments, in the order in which they are worth leaving out. */
const optional = {
  message: ['cut', 'glue', 'only', 'size', 'flags', 'raw', 'needReply'],
  open: ['nonblock', 'size'],
  write: ['flip', 'from', 'to'],
  read: ['bytes'],
} as const;

function without<S extends Step>(step: S, key: string): S | undefined {
  if (!(key in step)) return undefined;
  const { [key]: _, ...rest } = step as unknown as Record<string, unknown>;
  return rest as unknown as S;
}

const present = <T>(list: readonly (T | undefined)[]): T[] => list.filter((item) => item !== undefined);

/** The same step with one argument simpler. Each leads to a step that is closer to the plainest of its kind. */
function simpler(step: Step): Step[] {
  switch (step.do) {
    case 'call':
    case 'send':
      return [...present(optional.message.map((key) => without(step, key))), ...fewer(step)];
    case 'open':
      return present(optional.open.map((key) => without(step, key)));
    case 'write':
      return [
        ...present(optional.write.map((key) => without(step, key))),
        ...(step.pattern !== undefined && step.pattern > 1 ? [{ ...step, pattern: Math.floor(step.pattern / 2) }] : []),
        ...(step.hex !== undefined && step.hex.length > 2 ? [{ ...step, hex: step.hex.slice(0, 2) }] : []),
      ];
    case 'read':
      return step.into === undefined ? present(optional.read.map((key) => without(step, key))) : [];
    case 'await':
      return step.replies > 1 ? [{ ...step, replies: step.replies - 1 }] : [];
    case 'linger':
      return step.ms > 1 ? [{ ...step, ms: Math.floor(step.ms / 2) }] : [];
    default:
      return [];
  }
}

/** Fewer descriptors, smaller numbers. */
function fewer(step: MessageStep): MessageStep[] {
  const out: MessageStep[] = [];
  const fds = step.fds ?? [];
  if (fds.length > 2) out.push({ ...step, fds: fds.slice(0, 2) });
  if (fds.length > 1) out.push({ ...step, fds: fds.slice(0, 1) });
  for (const [name, value] of Object.entries(step.with ?? {})) {
    if (typeof value !== 'number' || value === 0) continue;
    out.push({ ...step, with: { ...step.with, [name]: value > 2 ? Math.floor(value / 2) : value - 1 } });
  }
  return out;
}
