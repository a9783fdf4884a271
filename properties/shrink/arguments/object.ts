import type { OpenStep, Step, Trace } from '../../../harness/trace/step.js';
import { endsUsed, objectOf, renameEnds, uses, without } from '../uses.js';
import { count, keep } from './numbers.js';

/** The object without its peculiarities, or smaller. */
export function* simplerObject(step: OpenStep): Iterable<OpenStep> {
  if (step.nonblock !== undefined) yield without(step, 'nonblock');
  if (step.size !== undefined) {
    yield without(step, 'size');
    yield* keep(step, 'size', count(step.size));
  }
}

/** The trace in which an object is a pipe: each way round, as its ends have no direction of their own. */
export function* simplerKind(trace: Trace, opened: OpenStep): Iterable<Trace> {
  if (opened.kind === 'pipe') return;
  for (const [given, ours] of [
    ['w', 'r'],
    ['r', 'w'],
  ] as const) {
    const letter = letters(trace, opened, given, ours);
    yield trace.flatMap((step) => asPipe(step, opened.name, letter));
  }
}

type Letter = (end: string, handedOver: boolean) => 'r' | 'w';

/** Which end of the pipe stands for an end of the object. */
function letters(trace: Trace, { kind, name }: OpenStep, given: 'r' | 'w', ours: 'r' | 'w'): Letter {
  if (kind !== 'socketpair') return (_, handedOver) => (handedOver ? given : ours);
  const first = trace.flatMap((step) => endsUsed(step)).find((end) => objectOf(end) === name);
  return (end) => (end === first ? given : ours);
}

function asPipe(step: Step, name: string, letter: Letter): readonly Step[] {
  if (step.do === 'open') return step.name === name ? [{ do: 'open', name, kind: 'pipe' }] : [step];
  if (!uses(step, name)) return [step];
  if (step.do === 'call' || step.do === 'send') {
    const ours = step.channel;
    const renamed = renameEnds(without(step, 'channel'), (end) => pipeEnd(end, name, letter, true));
    return [ours === undefined ? renamed : ({ ...renamed, channel: pipeEnd(ours, name, letter, false) } as Step)];
  }
  // These have no meaning for a pipe.
  if (step.do === 'rewind' || step.do === 'kick') return [];
  const end = endsUsed(step)[0]!;
  const ofPipe = pipeEnd(end, name, letter, false);
  if (step.do === 'shutdown') return [{ do: 'close', name: ofPipe }];
  return [step.do === 'close' && end === name ? step : renameEnds(step, () => ofPipe)];
}

const pipeEnd = (end: string, name: string, letter: Letter, handedOver: boolean): string =>
  objectOf(end) === name ? `${name}.${letter(end, handedOver)}` : end;
