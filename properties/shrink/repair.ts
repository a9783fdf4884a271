import { checkTrace } from '../../harness/trace/file.js';
import type { ObjectKind, Step, Trace } from '../../harness/trace/step.js';
import { endsUsed, objectOf, sessionOf } from './uses.js';

const ends: Partial<Record<ObjectKind, readonly string[]>> = { pipe: ['.r', '.w'], socketpair: ['.a', '.b'] };

/**
 * Make a trace well formed again from which steps were taken: steps whose object, session or stored state is no longer
 * there go as well. @returns undefined where that does not make it well formed.
 */
export function repair(trace: Trace): Trace | undefined {
  const objects = new Map<string, ObjectKind>();
  const sessions = new Set(['a']);
  const states = new Set<string>();
  const kept = trace.filter((step) => {
    if (!stands(step, objects, sessions, states)) return false;
    if (step.do === 'open') objects.set(step.name, step.kind);
    if (step.do === 'start') sessions.add(step.session);
    if (step.do === 'read' && step.into !== undefined) states.add(step.into);
    return true;
  });
  return checkTrace(kept) === undefined ? kept : undefined;
}

function stands(
  step: Step,
  objects: ReadonlyMap<string, ObjectKind>,
  sessions: ReadonlySet<string>,
  states: ReadonlySet<string>,
): boolean {
  if (step.do === 'open') return !objects.has(step.name);
  if (step.do === 'start') return !sessions.has(step.session);
  const on = sessionOf(step);
  if (on !== undefined && !sessions.has(on)) return false;
  if (step.do === 'write' && step.state !== undefined && !states.has(step.state)) return false;
  return endsUsed(step).every((end) => {
    const kind = objects.get(objectOf(end));
    if (kind === undefined) return false;
    const suffix = end.slice(objectOf(end).length);
    return (step.do === 'close' && suffix === '') || (ends[kind] ?? ['']).includes(suffix);
  });
}
