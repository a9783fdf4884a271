/** The order of judging: each step, what was seen of it, and at the end how the processes fared. */
import type { History, HistoryEvent } from '../../harness/history.js';
import type { MessageStep, Step, Trace } from '../../harness/trace/step.js';
import type { Judgement } from '../finding.js';
import { closed } from './channel/close.js';
import { read } from './channel/read.js';
import { wrote } from './channel/write.js';
import { disconnect, garbage, gone, reconnect, refused } from './connection.js';
import { Context, type JudgeOptions } from './context.js';
import { judgeHeld } from './held.js';
import { labelOf } from './label.js';
import { kick, signalled, unasked } from './notices.js';
import { judgeProcess } from './process.js';
import { replied } from './reply.js';
import { sent } from './sent.js';

/** The closing barrier of the harness. */
const BARRIER: MessageStep = { do: 'call', message: 'GET_FEATURES' };

/** Judge a history: which clauses were reached, and which of them fail. */
export function judge(trace: Trace, history: History, options: JudgeOptions): Judgement {
  const ctx = new Context(trace, history, options);
  const { events } = history;
  let at = 0;
  for (let step = 0; step <= trace.length; step++) {
    for (const [name, track] of ctx.tracks) ctx.suspendedBefore.set(name, track.suspended);
    const mine: HistoryEvent[] = [];
    while (at < events.length && events[at]!.step <= step) mine.push(events[at++]!);
    for (const one of mine) if (one.type === 'grown') ctx.things.grown(one.name, one.bytes);
    if (!mine.some(({ type }) => type === 'skipped')) before(ctx, trace[step], step);
    for (const one of mine) event(ctx, one, trace[one.step]);
    after(ctx, trace[step]);
  }
  for (const one of events.slice(at)) event(ctx, one, trace[one.step]);
  endings(ctx);
  return ctx.judgement();
}

/** What a step does before anything is seen of it. */
function before(ctx: Context, step: Step | undefined, at: number): void {
  switch (step?.do) {
    case 'open':
      return ctx.things.open(step);
    case 'kick':
      return kick(ctx, step.name);
    case 'close':
      return closed(ctx, step.name);
    case 'shutdown':
      return closed(ctx, step.name, step.how);
    case 'rewind': {
      const thing = ctx.things.get(step.name);
      if (thing !== undefined) thing.offset = 0;
      return;
    }
    case 'disconnect':
      return disconnect(ctx, step.on ?? 'a', at);
    case 'start':
      ctx.track(step.session);
      return;
    default:
  }
}

function after(ctx: Context, step: Step | undefined): void {
  if (step?.do === 'call' || step?.do === 'send') ctx.glued = step.glue === true;
}

function event(ctx: Context, seen: HistoryEvent, step: Step | undefined): void {
  const track = ctx.track(seen.on);
  switch (seen.type) {
    case 'sent':
      return sent(ctx, seen, step ?? BARRIER);
    case 'message':
      return replied(ctx, seen);
    case 'garbage':
      return garbage(ctx, seen);
    case 'quiet':
      if (!track.lost) ctx.fail(seen.on, track.quiet(seen.step, seen.waitedMs));
      return;
    case 'gone':
      return gone(ctx, seen);
    case 'connected':
      if (step?.do === 'connect') reconnect(ctx, seen.on);
      return;
    case 'refused':
      return refused(ctx, seen);
    case 'wrote':
      return wrote(ctx, seen, step);
    case 'read':
      return read(ctx, seen, step);
    case 'signal':
      return signalled(ctx, seen);
    case 'backend-message':
      return unasked(ctx, seen);
    case 'held':
      return judgeHeld(ctx, seen);
    case 'closing':
      for (const name of ctx.things.all.keys()) closed(ctx, name);
      return;
    default:
  }
}

function endings(ctx: Context): void {
  const { trace, history } = ctx;
  const label = (step: number): string => labelOf(trace[step], ctx.requests.get(step)?.req.flaw);
  for (const [name, track] of ctx.tracks) {
    const facts = history.sessions[name];
    if (facts !== undefined) ctx.reach(judgeProcess(name, facts, track, history, trace, ctx.verdicts, label));
  }
}
