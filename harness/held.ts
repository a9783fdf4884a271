import { Request } from '../model/wire/index.js';
import { type Look, lookAt } from './facts.js';
import type { ProcessFacts } from './history.js';
import type { ThingOpened } from './ledger.js';
import { limits } from './limits.js';
import { endsWithUs } from './process-watch.js';
import type { Run } from './run-state.js';
import type { Session, Transfer } from './session.js';

/** What a back-end still has when it had time enough. */
export interface Remainder {
  /** Objects of ours of which it holds a descriptor, by name, sorted. */
  readonly held: readonly string[];
  /** Absent for a back-end that shares our process. */
  readonly facts?: ProcessFacts;
}

function identitiesOf(run: Run): string[] {
  return [...run.ledger.objects.values()].flatMap((object) => [...object.identities.keys()]);
}

function heldIn(run: Run, holds: ReadonlySet<string>): string[] {
  const objects = [...run.ledger.objects.values()];
  return objects.filter((object) => isHeld(holds, object)).map((object) => object.name);
}

function isHeld(holds: ReadonlySet<string>, object: ThingOpened): boolean {
  for (const identity of object.identities.keys()) if (holds.has(identity)) return true;
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
 * Give the back-end until the deadline to let go of the objects in `mustGo` (of all when left out), looking again after
 * growing pauses: a back-end that answers first and closes then is in its right.
 * @returns what the last look showed; undefined where nobody can tell, or the process has ended.
 */
export function letGo(run: Run, session: Session, mustGo?: ReadonlySet<string>): Promise<Remainder | undefined> {
  return watch(run, session, (held) => held.some((name) => mustGo?.has(name) ?? true));
}

/** The same after we have left: it must let go of everything of ours, and of the connection. */
export function letGoAll(run: Run, session: Session): Promise<Remainder | undefined> {
  return watch(run, session, (held, look) => held.length > 0 || isConnected(session, look));
}

/** After we have left: it must let go of the connection, before that another one may be turned away. */
export async function letGoOfConnection(run: Run, session: Session): Promise<void> {
  await watch(run, session, (_, look) => isConnected(session, look));
}

/** The connection is one of the sockets that it had; which one only shows when it goes. */
const isConnected = ({ sockets }: Session, look: Look): boolean =>
  sockets.size > 0 && [...sockets].every((socket) => look.sockets.has(socket));

async function watch(
  run: Run,
  session: Session,
  late: (held: readonly string[], look: Look) => boolean,
): Promise<Remainder | undefined> {
  const until = performance.now() + run.deadlineMs;
  const identities = identitiesOf(run);
  for (let pause = 0; ; pause = Math.min(pause === 0 ? 1 : pause * 2, limits.lookPauseMs)) {
    const look = lookAt(session.instance, identities, run.ledger.numbers());
    if (look?.holds === undefined) return undefined;
    const held = heldIn(run, look.holds);
    const left = until - performance.now();
    if (left <= 0 || !late(held, look)) {
      return { held: held.sort(), ...(look.facts === undefined ? {} : { facts: look.facts }) };
    }
    await (pause === 0 ? run.turn() : new Promise((resolve) => setTimeout(resolve, Math.min(pause, left))));
    run.monitors.serve();
  }
}

/**
 * Remember a process's sockets before we leave, so that it shows when it has let go of the connection; not where its end is
 * waited for, which tells more.
 */
export function rememberSockets(run: Run, session: Session): void {
  if (session.link !== 'live' || session.instance.pid === undefined || endsWithUs(run)) return;
  const ours = new Set(identitiesOf(run));
  const found = lookAt(session.instance, [])?.sockets ?? [];
  session.sockets = new Set([...found].filter((socket) => !ours.has(socket)));
}

/** A transfer is over: record which channels of finished transfers the back-end still holds. */
export async function lookAtChannels(run: Run, session: Session): Promise<void> {
  const channels = finishedChannels(run, session);
  const remainder = channels.size === 0 ? { held: [] } : await letGo(run, session, channels);
  if (remainder === undefined) return;
  run.recorder.add(session.name, { type: 'held', names: remainder.held.filter((name) => channels.has(name)) });
}
