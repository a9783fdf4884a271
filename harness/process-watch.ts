import { factsOf, lives, socketsOf } from './facts.js';
import { limits } from './limits.js';
import type { Run } from './run-state.js';
import type { Session } from './session.js';
import type { Instance, Target } from './target.js';

/** What earlier traces showed of a target's processes; it only saves waiting, no verdict rests on it. */
interface Habits {
  /** The process ends when the front-end leaves. */
  endsOnLeave?: boolean;
  /** An accepted connection shows among its descriptors. */
  showsAccept?: boolean;
}

const habits = new WeakMap<Target, Habits>();

function habitsOf(target: Target): Habits {
  let known = habits.get(target);
  if (known === undefined) {
    known = {};
    habits.set(target, known);
  }
  return known;
}

/** Record the end of a session's process, once. */
export function noticeExit(run: Run, session: Session): void {
  if (session.exit !== undefined) return;
  const exit = session.instance.exit();
  if (exit === undefined) return;
  session.exit = exit;
  session.odd = true;
  run.recorder.add(session.name, { type: 'exit', code: exit.code, signal: exit.signal });
}

/** The connection ended from the other side. Its process gets a moment to end: which of the two is seen first is a race. */
export async function noticeGone(run: Run, session: Session, rest: Uint8Array): Promise<void> {
  if (session.link !== 'live') return;
  session.odd = true;
  if (rest.length > 0) {
    const bytes = rest.slice(0, limits.garbageKept);
    run.recorder.add(session.name, { type: 'garbage', reason: 'cut-off', bytes });
  }
  run.recorder.add(session.name, { type: 'gone' });
  session.end('gone');
  if (session.instance.pid !== undefined) await session.instance.ended(Math.min(limits.goneGraceMs, run.deadlineMs));
  noticeExit(run, session);
}

/**
 * We left: where the target's processes end then, wait for it, so that what follows does not depend on a race.
 * The first trace finds out.
 */
export async function afterLeaving(run: Run, session: Session): Promise<void> {
  const { instance } = session;
  if (instance.pid === undefined || instance.inProcess || session.exit !== undefined) return;
  const known = habitsOf(run.target);
  if (known.endsOnLeave !== false) {
    const exit = await instance.ended(run.deadlineMs);
    if (exit === undefined) known.endsOnLeave = false;
    else if (exit.code === 0) known.endsOnLeave = true;
  } else if (!lives(instance)) {
    await instance.ended(run.deadlineMs);
  }
  noticeExit(run, session);
}

/**
 * The facts that all later ones are compared with. The kernel connects us before the back-end accepts, so its new
 * socket is awaited first: without it every trace would seem to leak one descriptor.
 * @param before the process's sockets before we connected.
 */
export async function baseLine(run: Run, session: Session, before: ReadonlySet<string> | undefined): Promise<void> {
  const { instance } = session;
  if (before === undefined) return;
  const known = habitsOf(run.target);
  if (known.showsAccept !== false) {
    known.showsAccept = await appears(run, instance, before, known.showsAccept ? run.deadlineMs : limits.acceptMs);
  }
  const facts = factsOf(instance);
  if (facts !== undefined) session.facts.before = facts;
}

async function appears(run: Run, instance: Instance, before: ReadonlySet<string>, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  for (let pause = 0; ; pause = pause === 0 ? 1 : pause * 2) {
    for (const identity of socketsOf(instance) ?? []) if (!before.has(identity)) return true;
    const left = until - performance.now();
    if (left <= 0 || !lives(instance)) return false;
    if (pause === 0) await run.turn();
    else await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
}
