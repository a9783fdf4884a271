import { Connection } from '../connection.js';
import { letGoOfConnection, rememberSockets } from '../held.js';
import { drain } from '../incoming.js';
import { limits } from '../limits.js';
import { afterLeaving } from '../process-watch.js';
import type { Run } from '../run-state.js';
import { Session } from '../session.js';
import type { ConnectStep, DisconnectStep, StartStep } from '../trace/step.js';
import { UserError } from '../user-error.js';
import { FIRST, liveSession, skip } from './common.js';

/**
 * Take a fresh back-end and connect to it. A refusal is an event of the session.
 * @throws what the target throws where it cannot start a back-end at all.
 */
export async function open(run: Run, name: string): Promise<Session> {
  const session = new Session(name, await run.target.take());
  run.sessions.set(name, session);
  await attach(run, session);
  return session;
}

/** Do a `start` step. */
export async function start(run: Run, step: StartStep): Promise<void> {
  if (run.sessions.has(step.session)) return skip(run, step.session, `session ${step.session} is there already`);
  const session = await open(run, step.session);
  if (session.link === 'live') run.recorder.add(session.name, { type: 'connected' });
}

/** Do a `connect` step: the same process again. */
export async function connect(run: Run, step: ConnectStep): Promise<void> {
  const session = run.sessions.get(step.on ?? FIRST);
  if (session === undefined) return skip(run, step.on ?? FIRST, `session ${step.on} was never started`);
  if (session.link === 'live') return skip(run, session.name, `session ${session.name} is connected`);
  if (session.link === 'left') await letGoOfConnection(run, session);
  if (await attach(run, session)) run.recorder.add(session.name, { type: 'connected' });
}

/** Do a `disconnect` step. */
export async function disconnect(run: Run, step: DisconnectStep): Promise<void> {
  const session = liveSession(run, step.on);
  if (session === undefined) return;
  await leave(run, session);
  await afterLeaving(run, session);
}

/** Close a session's connection, after taking what has come over it. */
export async function leave(run: Run, session: Session): Promise<void> {
  await drain(run, session);
  rememberSockets(run, session);
  const rest = session.link === 'live' ? session.connection?.rest : undefined;
  if (rest !== undefined && rest.length > 0) {
    run.recorder.add(session.name, { type: 'garbage', reason: 'cut-off', bytes: rest.slice(0, limits.garbageKept) });
  }
  if (session.link === 'live' || session.link === 'gone') session.end('left');
}

/** Connect; a refusal is an event. @returns whether the session is connected now. */
async function attach(run: Run, session: Session): Promise<boolean> {
  try {
    session.begin(new Connection(await session.instance.connect(run.deadlineMs), run.wait));
    return true;
  } catch (error) {
    // Not the back-end's doing: it never came to listen at all.
    if (error instanceof UserError) throw error;
    session.odd = true;
    const text = error instanceof Error ? (codeOf(error) ?? error.message) : String(error);
    run.recorder.add(session.name, { type: 'refused', error: text });
    return false;
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
