/** Which object is the channel of a transfer: ours, or the back-end's own. */
import type { MessageStep } from '../../../harness/trace/step.js';
import type { Req } from '../../../model/session/index.js';
import type { Context, EventOf } from '../context.js';
import { usable } from '../observed.js';
import { endOf } from '../things.js';
import type { Track } from '../track.js';
import { filled, loaded } from './fill.js';

/** SET_DEVICE_STATE_FD went out, with a channel of ours. */
export function given(ctx: Context, on: string, step: MessageStep, direction: Req['direction'], at: number): void {
  for (const name of step.fds ?? []) {
    const thing = ctx.things.get(name);
    if (thing === undefined) continue;
    const again = thing.channelOf !== undefined || thing.uses.length > 0;
    thing.uses.push({ session: on, role: 'SET_DEVICE_STATE_FD', step: -1, good: true });
    ctx.channels.set(on, thing);
    // What the back-end writes moves the offset that we share with it: only a rewind shows where we read from.
    if (direction === 'save') thing.offset = -1;
    if (!again) thing.channelOf = { session: on, end: endOf(name), direction, step: at };
    if (thing.kind === 'memfd' || thing.kind === 'file' || ctx.things.writersGone(thing)) loaded(ctx, thing);
    else filled(ctx, thing);
  }
}

/** The back-end sent a channel of its own. @param at the step of the SET_DEVICE_STATE_FD that this answers */
export function own(ctx: Context, event: EventOf<'message'>, track: Track, at: number): void {
  const step = ctx.trace[at];
  const request = ctx.requests.get(at);
  ctx.reach(['set.own-channel']);
  if (request === undefined || (step?.do !== 'call' && step?.do !== 'send')) return;
  const { direction } = request.req;
  if (!usable(event, direction)) {
    return ctx.fail(event.on, {
      clause: 'set.own-channel',
      step: at,
      expected: [`a descriptor that can be ${direction === 'save' ? 'read' : 'written'}`],
      observed: `one that can only be ${event.descriptors[0]?.access === 'read' ? 'read' : 'written'}`,
      situation: direction,
      about: 'SET_DEVICE_STATE_FD',
    });
  }
  const thing = step.channel === undefined ? undefined : ctx.things.get(step.channel);
  if (thing === undefined || step.channel === undefined) {
    // Nobody uses the end that was sent, so nothing is known of what goes through it.
    return track.change((s) => ({ ...s, muddled: 'yes' }), at);
  }
  thing.replaced = true;
  thing.written = [];
  thing.offered = [];
  thing.read = 0;
  thing.reads = 0;
  thing.open.clear();
  thing.open.add(endOf(step.channel));
  thing.channelOf = { session: event.on, end: 'own', direction, step: at };
  ctx.channels.set(event.on, thing);
  // What was written before the reply came went into our own channel, which both sides discard.
  track.change((s) => ({ ...s, end: 'open', content: 'unknown' }), at);
}
