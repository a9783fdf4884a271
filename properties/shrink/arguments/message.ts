import type { Fields, MessageStep, Value64 } from '../../../harness/trace/step.js';
import { messages, type RequestName } from '../../../model/wire/index.js';
import { without } from '../uses.js';
import { bits, count, hexes, keep } from './numbers.js';

/** What is left out has its lawful value. In this order: what makes the message readable goes first. */
const optional = ['cut', 'glue', 'only', 'raw', 'size', 'flags', 'needReply', 'channel', 'fds', 'with'] as const;

/** Messages whose value may be what the back-end offered. */
const words: readonly (string | number)[] = ['SET_FEATURES', 'SET_PROTOCOL_FEATURES'];

/** Simpler messages than this one. */
export function* simplerMessage(step: MessageStep): Iterable<MessageStep> {
  if (step.do === 'call' && unanswered(step)) yield { ...step, do: 'send' };
  for (const simpler of simplerParts(step)) yield unanswered(simpler) ? { ...simpler, do: 'send' } : simpler;
}

/** No reply is due to this message: a call would wait for one in vain, which costs a deadline and says nothing. */
export const unanswered = (step: MessageStep): boolean =>
  step.needReply !== true &&
  step.flags === undefined &&
  typeof step.message === 'string' &&
  messages[step.message as RequestName]?.replies === 'never';

function* simplerParts(step: MessageStep): Iterable<MessageStep> {
  for (const key of optional) {
    // Direction and phase are what a transfer is about: a reader wants to see them.
    if (step[key] !== undefined && !(key === 'with' && step.message === 'SET_DEVICE_STATE_FD'))
      yield without(step, key);
  }
  if (step.cut !== undefined && step.cut.length > 1) yield* fewer(step.cut).map((cut) => ({ ...step, cut }));
  if (step.fds !== undefined && step.fds.length > 1) yield* fewer(step.fds).map((fds) => ({ ...step, fds }));
  if (step.only !== undefined) yield* keep(step, 'only', count(step.only));
  if (step.raw !== undefined) yield* keep(step, 'raw', hexes(step.raw));
  if (step.size !== undefined) yield* keep(step, 'size', count(step.size));
  if (step.flags !== undefined)
    yield* keep(step, 'flags', [...count(step.flags), ...bits(BigInt(step.flags)).map(Number)]);
  if (step.with !== undefined) {
    const whole = step.message === 'SET_DEVICE_STATE_FD';
    for (const fields of simplerFields(step.with, words.includes(step.message), whole)) yield { ...step, with: fields };
  }
  yield* properEnd(step);
}

/** Where it does not matter which end of a pipe goes over, a reader expects the one that serves. */
function* properEnd(step: MessageStep): Iterable<MessageStep> {
  const [end] = step.fds ?? [];
  const direction = step.with?.direction;
  if (step.message !== 'SET_DEVICE_STATE_FD' || step.fds?.length !== 1 || (direction !== 0 && direction !== 1)) return;
  const [improper, proper] = direction === 0 ? ['.r', '.w'] : ['.w', '.r'];
  if (end?.endsWith(improper!)) yield { ...step, fds: [`${end.slice(0, -2)}${proper}`] };
}

/** Shorter lists: the halves, then all but one. Of a long one only the halves and those without an end. */
function fewer<T>(list: readonly T[]): readonly (readonly T[])[] {
  const half = list.length >> 1;
  const halves = list.length > 2 ? [list.slice(0, half), list.slice(half)] : [];
  const singles = list.length <= 8 ? list.map((_, i) => list.toSpliced(i, 1)) : [list.slice(1), list.slice(0, -1)];
  return [...halves, ...singles];
}

function* simplerFields(fields: Fields, isWord: boolean, whole = false): Iterable<Fields> {
  const keys = Object.keys(fields);
  if (keys.length > 1 && !whole) for (const key of keys) yield without(fields, key);
  for (const key of keys) {
    for (const value of simplerValue(fields[key]!, isWord)) yield { ...fields, [key]: value };
  }
}

function* simplerValue(value: Value64 | readonly Fields[], isWord: boolean): Iterable<Value64 | readonly Fields[]> {
  if (typeof value === 'object') {
    if (value.length > 0) yield* fewer(value);
    for (const [index, fields] of value.entries()) {
      for (const simpler of simplerFields(fields, false)) yield value.with(index, simpler);
    }
  } else if (typeof value === 'string') {
    yield* simplerText(value, isWord);
  } else {
    if (isWord) yield 'offered';
    yield* count(value);
  }
}

/** `0x…`, `offered & 0x…`, or bytes. */
function* simplerText(text: string, isWord: boolean): Iterable<string> {
  const [, before, mask] = /^(|offered & ~?)(0x[0-9a-f]+|[0-9]+)$/i.exec(text) ?? [];
  if (isWord && text !== 'offered') yield 'offered';
  if (mask !== undefined && /^(?:0x|[0-9]{1,20}$)/.test(mask)) {
    for (const word of bits(BigInt(mask))) yield `${before}0x${word.toString(16)}`;
  } else if (/^(?:[0-9a-f]{2})+$/i.test(text)) {
    yield* hexes(text);
  }
}
