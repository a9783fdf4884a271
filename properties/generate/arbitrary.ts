import fc from 'fast-check';
import { checkTrace } from '../../harness/trace/check.js';
import type { Step, Trace } from '../../harness/trace/step.js';
import { Coverage } from './coverage.js';
import { Dice } from './dice.js';
import type { Profile } from './profile.js';
import { smaller } from './shrink.js';
import { walk } from './walk.js';
import { type Mood, moods } from './world.js';

/** How traces are made. */
export interface TraceOptions {
  /** What the back-end offers, see `probe`. */
  readonly profile: Profile;
  /** One of these for each trace; all three when left out. */
  readonly moods?: readonly Mood[];
  /** Transitions that were taken before: others are sought. It is read only, so that the same seed with the same coverage
   * gives the same trace. */
  readonly coverage?: Coverage;
  /** Most steps of a trace; 80 when left out. Most traces are half as long. */
  readonly maxSteps?: number;
}

const MAX_STEPS = 80;

/** Traces that walk through the model. */
export class TraceArbitrary extends fc.Arbitrary<Trace> {
  readonly #options: Required<TraceOptions>;

  constructor(options: TraceOptions) {
    super();
    this.#options = { moods, coverage: new Coverage(), maxSteps: MAX_STEPS, ...options };
  }

  override generate(mrng: fc.Random): fc.Value<Trace> {
    const dice = new Dice(mrng);
    const { profile, coverage, maxSteps } = this.#options;
    const mood = dice.pick(this.#options.moods);
    const { trace } = walk(dice, { profile, coverage, maxSteps, mood });
    return new fc.Value(profile.ownChannel ? trace.map(awaited) : trace, undefined);
  }

  /** Any well-formed trace can be shrunk, a stored one too. */
  override canShrinkWithoutContext(value: unknown): value is Trace {
    if (!Array.isArray(value)) return false;
    try {
      return checkTrace(value as Trace) === undefined;
    } catch {
      return false;
    }
  }

  override shrink(value: Trace): fc.Stream<fc.Value<Trace>> {
    return fc
      .stream(smaller(value)[Symbol.iterator]() as IterableIterator<Trace>)
      .map((one) => new fc.Value(one, undefined));
  }
}

/** Where the back-end brings the channel, nobody can use it before the reply is read: what is written until then goes
 * into a channel that both sides discard, and the end that comes late stays open. */
const awaited = (step: Step): Step =>
  step.do === 'send' &&
  step.message === 'SET_DEVICE_STATE_FD' &&
  step.with?.direction !== undefined &&
  !step.glue &&
  step.only === undefined
    ? { ...step, do: 'call' }
    : step;

/** Traces for a back-end, to be used in a property of one's own: `fc.asyncProperty(traces({ profile }), …)`. */
export const traces = (options: TraceOptions): fc.Arbitrary<Trace> => new TraceArbitrary(options);
