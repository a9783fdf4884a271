import type { LingerStep, Position, ReadStep, WriteStep } from '../../../harness/trace/step.js';
import { without } from '../uses.js';
import { count, hexes, keep } from './numbers.js';

const places = ['from', 'to', 'flip'] as const;

/** Simpler writes than this one: the whole state, fewer bytes, round places. */
export function* simplerWrite(step: WriteStep): Iterable<WriteStep> {
  for (const key of places) if (step[key] !== undefined) yield without(step, key);
  if (step.state !== undefined) yield { ...without(step, 'state', ...places), pattern: 1 };
  if (step.hex !== undefined) yield { ...without(step, 'hex', ...places), pattern: step.hex.length / 2 };
  if (step.hex !== undefined) yield* keep(step, 'hex', hexes(step.hex));
  if (step.pattern !== undefined) yield* keep(step, 'pattern', count(step.pattern));
  for (const key of places) {
    const place = step[key];
    if (place !== undefined) yield* keep(step, key, simplerPlaces(place));
  }
}

function simplerPlaces(place: Position): readonly Position[] {
  if (typeof place === 'number') return place < 0 ? [0] : count(place);
  return place === '50%' ? [0] : [0, '50%'];
}

/** Read all there is, keep nothing of it. */
export function* simplerRead(step: ReadStep): Iterable<ReadStep> {
  if (step.into !== undefined) yield without(step, 'into');
  if (step.bytes !== undefined) {
    yield without(step, 'bytes');
    yield* keep(step, 'bytes', count(step.bytes));
  }
}

export function simplerLinger(step: LingerStep): readonly LingerStep[] {
  return keep(step, 'ms', count(step.ms, 1));
}
