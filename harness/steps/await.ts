import { collect } from '../incoming.js';
import type { Run } from '../run-state.js';
import type { AwaitStep } from '../trace/step.js';
import { liveSession, skip } from './common.js';

/** Wait for further messages, each within the deadline. */
export async function awaitReplies(run: Run, step: AwaitStep): Promise<void> {
  const session = liveSession(run, step.on);
  if (session === undefined) return;
  if (session.link === 'gone') return skip(run, session.name, `the connection of ${session.name} is gone`);
  let left = step.replies;
  if (left <= 0) return;
  const begin = performance.now();
  const outcome = await collect(run, session, run.deadlineMs, () => --left === 0, true);
  if (outcome !== 'quiet') return;
  session.odd = true;
  run.recorder.add(session.name, { type: 'quiet', waitedMs: Math.round(performance.now() - begin) });
}
