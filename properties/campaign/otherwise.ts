import type { MessageStep, Step, Trace } from '../../harness/trace/step.js';
import type { Violation } from '../finding.js';
import type { Sighting } from './confirm.js';
import type { Lab } from './lab.js';

/** The trace without what a clause lays a failure to; undefined where it lays it to nothing else. */
type Otherwise = (trace: Trace, violation: Violation) => Trace | undefined;

const isMessage = (step: Step): step is MessageStep => step.do === 'call' || step.do === 'send';

const question = (on = 'a'): MessageStep => ({ do: 'call', message: 'GET_FEATURES', ...(on === 'a' ? {} : { on }) });

/** Every message in one piece. */
const whole: Otherwise = (trace) =>
  trace.map((step) => {
    if (!isMessage(step)) return step;
    const { cut: _, glue: __, ...rest } = step;
    return rest;
  });

/** A question right behind the last CHECK_DEVICE_STATE, for one who should still be there to answer it. */
const asked: Otherwise = (trace, { on }) => {
  const isCheck = (step: Step) => isMessage(step) && step.message === 'CHECK_DEVICE_STATE' && (step.on ?? 'a') === on;
  const at = trace.findLastIndex(isCheck);
  return at < 0 ? undefined : trace.toSpliced(at + 1, 0, question(on));
};

/** A question behind each message, so that it is known which one ended the process. */
const oneByOne: Otherwise = (trace) =>
  trace.flatMap((step, index) => {
    if (!isMessage(step) || step.glue || step.only !== undefined || index === trace.length - 1) return [step];
    return [step, question(step.on)];
  });

const otherwise: Readonly<Record<string, Otherwise>> = {
  'communication.close': asked,
  'fragments.whole-stream': whole,
  'outcome.resume-source': asked,
  'robust.no-crash': oneByOne,
};

/**
 * Some failures are laid to what came before: whoever took a piece for a whole message can fail anywhere behind it,
 * whoever ended with a save shows that only at the next message, and of several messages that nobody answered the first may not
 * be the one that ended a process. Where it fails otherwise too, that is what is wrong.
 * @returns what the trace shows otherwise; undefined where nothing, or the same
 */
export async function failsOtherwise(sighting: Sighting, run: Lab['run']): Promise<Sighting | undefined> {
  const { trace, violation } = sighting;
  // Which message ended a process is a guess: the one that did may come behind it.
  const shown = violation.clause === 'robust.no-crash' ? trace : trace.slice(0, violation.step + 1);
  const changed = otherwise[violation.clause]?.(shown, violation);
  if (changed === undefined) return undefined;
  const outcome = await run(changed);
  const { signature, on, level } = violation;
  const others = outcome.judgement.violations.filter(
    (other) => other.on === on && (level === 'robust' ? other.clause === violation.clause : other.level !== 'robust'),
  );
  if (others.some((other) => other.signature === signature)) return undefined;
  const [other] = others;
  return other && { ...sighting, trace: changed, violation: other, outcome };
}
