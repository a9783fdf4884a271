import { lives } from './facts.js';
import { finishedChannels, letGo, letGoAll } from './held.js';
import { drain } from './incoming.js';
import { limits } from './limits.js';
import { afterLeaving, noticeExit } from './process-watch.js';
import type { Run } from './run-state.js';
import type { Session } from './session.js';
import { FIRST } from './steps/common.js';
import { leave } from './steps/connect.js';
import { barrier, flush } from './steps/message.js';
import { noteGrown } from './steps/objects.js';

/**
 * What comes after the last step: a barrier on every live session, a last look while connected, everything of ours
 * closed, the connections too, a look at the back-ends that live on, and every process handed back.
 *
 * Where something was waited for in vain already, the barrier comes when everything of ours is closed: behind a CHECK
 * that rightly waits for the end of a channel it would only wait for as long again.
 */
export async function conclude(run: Run): Promise<void> {
  const sessions = [...run.sessions.values()];
  const waiting = sessions.filter((session) => session.waits && session.due.length > 0);
  for (const session of sessions) await lastLook(run, session, !waiting.includes(session));
  run.monitors.look();
  run.monitors.close();
  noteGrown(run);
  if (run.ledger.closeAll()) run.recorder.add(FIRST, { type: 'closing' });
  for (const session of waiting) await lastWord(run, session);
  for (const session of sessions) {
    await leave(run, session);
    await afterLeaving(run, session);
  }
  for (const session of sessions) await partedLook(run, session);
  for (const session of sessions) await handBack(run, session);
}

/** Nobody wants to know more: close everything, and end every process. */
export async function breakOff(run: Run): Promise<void> {
  const sessions = [...run.sessions.values()];
  run.monitors.close();
  run.ledger.closeAll();
  for (const session of sessions) {
    session.odd = true;
    session.connection?.close();
    await handBack(run, session);
  }
}

/** See whatever comes before the answer to a barrier. */
async function lastWord(run: Run, session: Session): Promise<void> {
  if (session.link !== 'live') return;
  // Behind half a message a barrier would be its other half.
  if (session.framed) await barrier(run, session);
  else await drain(run, session);
  noticeExit(run, session);
}

async function lastLook(run: Run, session: Session, answers: boolean): Promise<void> {
  await flush(run, session);
  if (answers) await lastWord(run, session);
  noticeExit(run, session);
  if (session.link !== 'live') return;
  const remainder = await letGo(run, session, finishedChannels(run, session));
  if (remainder === undefined) return;
  if (remainder.facts !== undefined) session.facts.after = remainder.facts;
  run.recorder.add(session.name, { type: 'held', names: remainder.held });
}

/** The front-end has left: a back-end that goes on listening holds nothing of ours any more. */
async function partedLook(run: Run, session: Session): Promise<void> {
  if (session.link !== 'left' || !lives(session.instance)) return noticeExit(run, session);
  const remainder = await letGoAll(run, session);
  // A process without any descriptor is on its way out, but not yet to be seen as ended.
  const ending = remainder === undefined ? !lives(session.instance) : remainder.facts?.descriptors === 0;
  if (ending) {
    await session.instance.ended(run.deadlineMs);
  } else if (remainder !== undefined) {
    if (remainder.facts !== undefined) session.facts.parted = remainder.facts;
    run.recorder.add(session.name, { type: 'held', names: remainder.held, parted: true });
    if (remainder.held.length > 0) session.odd = true;
  }
  noticeExit(run, session);
}

async function handBack(run: Run, session: Session): Promise<void> {
  const { instance, facts } = session;
  if (session.exit !== undefined) facts.exit = session.exit;
  const healthy = !session.odd && session.link === 'left' && !grew(session);
  const keep = healthy && run.options.reuse === true;
  // Ended here and not by the target, because only so it is known whether it obeyed.
  if (!keep && session.exit === undefined && instance.pid !== undefined) {
    if (await instance.stop(limits.stopGraceMs)) facts.killed = true;
  }
  facts.stderr = instance.stderr();
  session.released = true;
  await run.target.release(instance, keep);
}

/** More than before the trace, where the connection is counted before and not after: something stayed behind. */
function grew({ facts: { before, parted } }: Session): boolean {
  if (before === undefined || parted === undefined) return false;
  return parted.descriptors > before.descriptors || parted.threads > before.threads;
}
