import { objectOf } from '../ledger.js';
import type { Run } from '../run-state.js';
import type { Session } from '../session.js';

/** The session of a step that does not name one. */
export const FIRST = 'a';

/** Record that a step could not be done. */
export function skip(run: Run, on: string, reason: string): void {
  run.recorder.add(on, { type: 'skipped', reason });
}

/** The session of a step while we have not left it (its back-end may have); else the step is recorded as skipped. */
export function liveSession(run: Run, on: string = FIRST): Session | undefined {
  const session = run.sessions.get(on);
  if (session === undefined) skip(run, on, `session ${on} was never started`);
  else if (session.link === 'none') skip(run, on, `session ${on} was never connected`);
  else if (session.link === 'left') skip(run, on, `session ${on} is disconnected`);
  else return session;
  return undefined;
}

/** The session that an object's events belong to: the last one that it was handed to, else the first. */
export function sessionOf(run: Run, name: string): string {
  let found = FIRST;
  for (const session of run.sessions.values()) if (session.handed.has(objectOf(name))) found = session.name;
  return found;
}
