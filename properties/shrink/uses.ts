import type { Step, Trace } from '../../harness/trace/step.js';

/** The object's name in the name of an end: `pipe1` of `pipe1.r`. */
export const objectOf = (end: string): string => end.split('.', 1)[0] as string;

/** What follows the object's name in the name of an end, with the dot; empty for an object with one end. */
const suffixOf = (end: string): string => end.slice(objectOf(end).length);

/** The ends that a step uses (not the object that it opens). */
export function endsUsed(step: Step): readonly string[] {
  switch (step.do) {
    case 'call':
    case 'send':
      return step.channel === undefined ? (step.fds ?? []) : [...(step.fds ?? []), step.channel];
    case 'close':
    case 'shutdown':
    case 'write':
    case 'rewind':
    case 'read':
    case 'kick':
      return [step.name];
    default:
      return [];
  }
}

/** Whether a step uses an object. */
export const uses = (step: Step, object: string): boolean => endsUsed(step).some((end) => objectOf(end) === object);

/** The session that a step belongs to; undefined for steps that belong to none. */
export function sessionOf(step: Step): string | undefined {
  switch (step.do) {
    case 'call':
    case 'send':
    case 'await':
    case 'disconnect':
    case 'connect':
      return step.on ?? 'a';
    case 'start':
      return step.session;
    default:
      return undefined;
  }
}

/** The step with every name of an end put through `rename`. An `open` step stays as it is. */
export function renameEnds(step: Step, rename: (end: string) => string): Step {
  switch (step.do) {
    case 'call':
    case 'send':
      return {
        ...step,
        ...(step.fds === undefined ? {} : { fds: step.fds.map(rename) }),
        ...(step.channel === undefined ? {} : { channel: rename(step.channel) }),
      };
    case 'close':
    case 'shutdown':
    case 'write':
    case 'rewind':
    case 'read':
    case 'kick':
      return { ...step, name: rename(step.name) };
    default:
      return step;
  }
}

/** The trace with its objects renamed. Names that `names` does not hold stay. */
export function renameObjects(trace: Trace, names: ReadonlyMap<string, string>): Trace {
  const rename = (end: string) => (names.get(objectOf(end)) ?? objectOf(end)) + suffixOf(end);
  return trace.map((step) =>
    step.do === 'open' ? { ...step, name: names.get(step.name) ?? step.name } : renameEnds(step, rename),
  );
}

/** A copy of an object without some of its optional keys. */
export function without<T extends object>(object: T, ...keys: readonly (keyof T)[]): T {
  const copy = { ...object };
  for (const key of keys) delete copy[key];
  return copy;
}
