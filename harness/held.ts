import { Request } from '../model/wire/index.js';
import { holdings } from './facts.js';
import type { ThingOpened } from './ledger.js';
import { limits } from './limits.js';
import type { Run } from './run-state.js';
import type { Session, Transfer } from './session.js';

/** Objects of ours of which the session's back-end holds a descriptor; undefined where nobody can tell. */
function heldNow(run: Run, session: Session): Set<string> | undefined {
  const held = holdings(session.instance, run.ledger.numbers());
  if (held === undefined) return undefined;
  const names = new Set<string>();
  for (const object of run.ledger.objects.values()) if (holds(held, object)) names.add(object.name);
  return names;
}

function holds(held: ReadonlySet<string>, object: ThingOpened): boolean {
  for (const identity of object.identities.keys()) if (held.has(identity)) return true;
  return false;
}

/** Objects that served finished transfers and nothing else: no back-end has a reason to hold them. */
export function finishedChannels(run: Run, session: Session): Set<string> {
  const names = new Set<string>();
  for (const transfer of session.transfers)
    for (const name of transfer.objects) if (isFinished(run, session, transfer, name)) names.add(name);
  for (const transfer of session.transfers)
    if (transfer.phase !== 'over') for (const name of transfer.objects) names.delete(name);
  return names;
}

function isFinished(run: Run, session: Session, transfer: Transfer, name: string): boolean {
  const object = run.ledger.objects.get(name);
  if (object === undefined || transfer.phase !== 'over') return false;
  // While our end is open the back-end may rightly still be at it, whatever its answer was.
  if (!transfer.failed && !run.ledger.over(object, transfer.passed)) return false;
  const uses = session.handed.get(name);
  return uses === undefined || (uses.size === 1 && uses.has(Request.SET_DEVICE_STATE_FD));
}

/**
 * Give the back-end until the deadline to let go of `mustGo` (all objects when left out), looking again after growing
 * pauses: a back-end that answers first and closes then is in its right.
 * @returns what it held at the last look; undefined where nobody can tell.
 */
export async function letGo(run: Run, session: Session, mustGo?: ReadonlySet<string>): Promise<string[] | undefined> {
  const until = performance.now() + run.deadlineMs;
  for (let pause = 0; ; pause = Math.min(pause === 0 ? 1 : pause * 2, limits.lookPauseMs)) {
    const held = heldNow(run, session);
    if (held === undefined) return undefined;
    const names = [...held].filter((name) => mustGo?.has(name) ?? true);
    const left = until - performance.now();
    if (names.length === 0 || left <= 0) return [...held].sort();
    await (pause === 0 ? run.turn() : new Promise((resolve) => setTimeout(resolve, Math.min(pause, left))));
    run.monitors.serve();
  }
}

/** A transfer is over: record which channels of finished transfers the back-end still holds. */
export async function lookAtChannels(run: Run, session: Session): Promise<void> {
  const channels = finishedChannels(run, session);
  const held = channels.size === 0 ? [] : await letGo(run, session, channels);
  if (held === undefined) return;
  run.recorder.add(session.name, { type: 'held', names: held.filter((name) => channels.has(name)) });
}
