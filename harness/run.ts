import { breakOff, conclude } from './conclude.js';
import type { History, HistoryEvent } from './history.js';
import { limits } from './limits.js';
import { noticeExit } from './process-watch.js';
import { Run, type RunOptions } from './run-state.js';
import { FIRST, skip } from './steps/common.js';
import { open } from './steps/connect.js';
import { perform } from './steps/index.js';
import { flush } from './steps/message.js';
import type { Target } from './target.js';
import type { Step, Trace } from './trace/step.js';

/**
 * Run a trace on a live back-end. Never throws for what the back-end does, and leaves neither a descriptor nor a file
 * behind.
 * @throws what the target throws where it cannot start a back-end at all.
 */
export async function runTrace(trace: Trace, target: Target, options: RunOptions): Promise<History> {
  const run = new Run(trace, target, options);
  try {
    await open(run, FIRST);
    for (const [index, step] of trace.entries()) {
      const known = run.recorder.events.length;
      await next(run, step, index);
      if (options.until === undefined || !run.recorder.events.slice(known).some(isVain)) continue;
      if (options.until(history(run), index)) {
        await breakOff(run);
        return history(run);
      }
    }
    run.recorder.step = trace.length;
    await conclude(run);
    return history(run);
  } finally {
    await abandon(run);
  }
}

async function next(run: Run, step: Step, index: number): Promise<void> {
  run.recorder.step = index;
  if (run.recorder.elapsed() - run.lingered > (run.options.traceMs ?? limits.traceMs)) {
    return skip(run, 'on' in step && step.on !== undefined ? step.on : FIRST, 'the trace ran too long');
  }
  await sendHeld(run, step);
  await perform(run, step);
  run.monitors.look();
  for (const session of run.sessions.values()) noticeExit(run, session);
}

/** What a glued message held back goes with the next message of its session, or before any other step. */
async function sendHeld(run: Run, step: Step): Promise<void> {
  const on = step.do === 'call' || step.do === 'send' ? (step.on ?? FIRST) : undefined;
  for (const session of run.sessions.values()) {
    if (session.held.length > 0 && session.name !== on) await flush(run, session);
  }
}

/** Something did not come: a wait for as long as one waits, and likely not the last one. */
function isVain(event: HistoryEvent): boolean {
  if (event.type === 'wrote' || event.type === 'read') return event.outcome === 'blocked';
  return event.type === 'quiet' || (event.type === 'held' && event.names.length > 0);
}

function history(run: Run): History {
  return {
    events: run.recorder.events,
    sessions: Object.fromEntries([...run.sessions].map(([name, { facts }]) => [name, facts])),
    states: Object.fromEntries(run.states),
    deadlineMs: run.deadlineMs,
  };
}

/** Close whatever is open and give every process back, however the run ended. */
async function abandon(run: Run): Promise<void> {
  run.monitors.close();
  run.ledger.closeAll();
  for (const session of run.sessions.values()) {
    session.connection?.close();
    if (!session.released) await run.target.release(session.instance, false);
  }
}
