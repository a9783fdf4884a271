import { printSteps } from '../../../harness/trace/file.js';
import type { Step, Trace } from '../../../harness/trace/step.js';
import type { Judgement, Violation } from '../../../properties/finding.js';
import { repair } from '../../../properties/shrink/repair.js';

/** The step at which a trace shows a violation, or undefined. */
export type Fault = (trace: Trace) => number | undefined;

export const violation = (signature: string, step: number): Violation => ({
  clause: signature,
  level: 'must',
  step,
  on: 'a',
  expected: [],
  observed: '',
  signature,
});

export const judgement = (...violations: Violation[]): Judgement => ({
  violations,
  reached: {},
  answers: {},
  transitions: [],
  explained: 0,
  lost: [],
});

/** A back-end and its judge in one: faults by signature. Counts its executions by the trace's printed form. */
export class Fake {
  readonly executed = new Map<string, number>();
  executions = 0;

  constructor(
    private readonly faults: Readonly<Record<string, Fault>>,
    /** Whether a violation shows this time. */
    private readonly shows: () => boolean = () => true,
  ) {}

  readonly execute = async (trace: Trace): Promise<Judgement> => {
    this.executions++;
    const key = printSteps(trace);
    this.executed.set(key, (this.executed.get(key) ?? 0) + 1);
    if (repair(trace)?.length !== trace.length) throw new Error(`not well formed:\n${key}`);
    const found = Object.entries(this.faults).flatMap(([signature, fault]) => {
      const step = fault(trace);
      return step === undefined || !this.shows() ? [] : [violation(signature, step)];
    });
    return judgement(...found);
  };
}

/** A source of coin flips that gives the same ones each time (xorshift). */
export function coin(seed: number, probability: number): () => boolean {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32 < probability;
  };
}

/** A message without arguments that the fakes tell apart by its number. */
export const message = (number: number): Step => ({ do: 'call', message: number });

/** Whether the messages come in this order, with anything in between: the index of the last one. */
export const inOrder =
  (...numbers: number[]): Fault =>
  (trace) => {
    let next = 0;
    for (const [index, step] of trace.entries()) {
      if ('message' in step && step.message === numbers[next]) next++;
      if (next === numbers.length) return index;
    }
    return undefined;
  };

/** Whether no single step can be taken out without losing the fault. */
export function isMinimal(trace: Trace, fault: Fault): boolean {
  return trace.every((_, index) => {
    const rest = repair(trace.toSpliced(index, 1));
    return rest === undefined || fault(rest) === undefined;
  });
}
