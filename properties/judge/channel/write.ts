/** We wrote into a channel: the back-end has to take all of it. */
import type { Step } from '../../../harness/trace/step.js';
import { readerLeft } from '../../../model/session/index.js';
import type { Context, EventOf } from '../context.js';
import { disturb } from '../registers.js';
import { type Thing, total } from '../things.js';
import { contentIn, filled } from './fill.js';
import { replyOwed } from './owed.js';

export function wrote(ctx: Context, event: EventOf<'wrote'>, step: Step | undefined): void {
  if (step?.do !== 'write') return;
  const whole = ctx.things.wrote(step, event.bytes, ctx.states);
  const thing = ctx.things.get(step.name);
  for (const { registers } of ctx.tracks.values())
    if (registers.regions.some(({ file }) => file !== undefined && ctx.things.get(file) === thing)) disturb(registers);
  const of = thing?.channelOf;
  if (thing === undefined || of === undefined || of.direction !== 'load') return;
  ctx.reach(['channel.load-to-eof']);
  ctx.transition(of.session, `write ${contentIn(ctx, thing, total(thing))}`);
  if (event.outcome === 'gone') {
    const content = contentIn(ctx, thing, whole);
    ctx.track(of.session).change((s) => readerLeft(s, content), of.step);
  } else if (event.outcome === 'blocked') blocked(ctx, event.step, thing, of.session);
  else filled(ctx, thing);
}

function blocked(ctx: Context, step: number, thing: Thing, session: string): void {
  const track = ctx.track(session);
  const sure =
    track.follows(thing.channelOf?.step) &&
    track.all(
      (s) => s.transfer === 'load' && s.checked === 'no' && s.sink === 'good' && s.muddled === 'no' && s.link === 'up',
    );
  if (!sure || replyOwed(track) || track.lost) return;
  ctx.fail(session, {
    clause: 'channel.load-to-eof',
    step,
    expected: ['the back-end reads the channel until the end of file'],
    observed: `it stopped reading: ${total(thing).length} bytes taken, nothing more for ${ctx.history.deadlineMs} ms`,
    situation: 'load',
    about: 'write',
  });
}
