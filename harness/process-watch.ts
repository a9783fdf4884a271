import { lives, lookAt, restOf } from './facts.js';
import { limits } from './limits.js';
import type { Run } from './run-state.js';
import type { Session } from './session.js';
import type { Instance, Target } from './target.js';

/** What earlier traces showed of a target's processes; it only saves waiting, no verdict rests on it. */
interface Habits {
  /** The process ends when the front-end leaves. */
  endsOnLeave?: boolean;
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

/**
 * Find out whether a target's processes end when the front-end leaves, from one that it has just left.
 * @param answersAgain whether it answers on another connection: then it lives on, and nobody has to wait for its end.
 */
export async function learnHabits(
  target: Target,
  instance: Instance,
  answersAgain: () => Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  if (instance.pid === undefined || instance.inProcess) return;
  if (await answersAgain()) habitsOf(target).endsOnLeave = false;
  else if ((await instance.ended(deadlineMs))?.code === 0) habitsOf(target).endsOnLeave = true;
}

/** Whether the target's processes were seen to end when the front-end leaves. */
export function endsWithUs(run: Run): boolean {
  return habitsOf(run.target).endsOnLeave === true;
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
 * Calibration finds out, else the first trace.
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
    const exit = await instance.ended(run.deadlineMs);
    if (exit?.code === 0) known.endsOnLeave = true;
  }
  noticeExit(run, session);
}

/**
 * Take the facts that all later ones are compared with, once, when the back-end has answered for the first time: before
 * that it may still be accepting us and starting its threads, and everything it makes then would look like a leak.
 */
export function baseLine(session: Session): void {
  if (session.based) return;
  session.based = true;
  const facts = session.instance.inProcess ? undefined : lookAt(session.instance)?.facts;
  if (facts !== undefined) session.facts.before = facts;
}

/**
 * The same where a descriptor goes over before anything was answered: then the back-end is given a moment until it
 * sleeps and has used no processor time between two looks.
 */
export async function baseLineWhenIdle(run: Run, session: Session): Promise<void> {
  if (session.based || session.instance.pid === undefined) return;
  const until = performance.now() + Math.min(limits.idleMs, run.deadlineMs);
  for (let used = -1; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = restOf(session.instance);
    if (now === undefined || now === used) break;
    used = now;
  }
  baseLine(session);
}
