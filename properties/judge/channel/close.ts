/** We closed or shut down an end of a channel: a load is at its end, or a save is given up. */
import { abandoned, wroteAll } from '../../../model/session/index.js';
import type { Context } from '../context.js';
import { endOf, type Thing, total } from '../things.js';
import { contentIn, loaded } from './fill.js';

type How = 'read' | 'write' | 'both';

/** @param how which directions of a socket were shut down; left out: closed */
export function closed(ctx: Context, name: string, how?: How): void {
  const thing = ctx.things.get(name);
  if (thing === undefined) return;
  const ends = name.includes('.') ? [endOf(name)] : [...thing.open];
  for (const end of ends) {
    if (how === undefined) thing.open.delete(end);
    else if (how !== 'read') thing.ended.add(end);
  }
  const of = thing.channelOf;
  if (of === undefined) return;
  const track = ctx.track(of.session);
  ctx.transition(of.session, 'close');
  if (of.direction === 'load') {
    if (!writerGone(ctx, thing, how)) return;
    if (!thing.replaced) return loaded(ctx, thing);
    const content = contentIn(ctx, thing, total(thing));
    track.change((s) => wroteAll(s, content), of.step);
  } else if ((thing.kind === 'pipe' || thing.kind === 'socketpair') && readerGone(thing, ends, how)) {
    track.change((s) => abandoned(s, isCut(ctx, thing, of.session)), of.step);
    if (track.earlyClose) ctx.reach(['channel.early-close']);
  }
}

const writerGone = (ctx: Context, thing: Thing, how: How | undefined): boolean =>
  thing.replaced ? !thing.open.size || (how !== undefined && how !== 'read') : ctx.things.writersGone(thing);

function readerGone(thing: Thing, ends: readonly string[], how: How | undefined): boolean {
  // The descriptor that we handed over has no part in a channel of the back-end's own.
  if (thing.replaced) {
    return how === undefined ? thing.open.size === 0 : how !== 'write' && ends.some((e) => thing.open.has(e));
  }
  const end = thing.channelOf?.end;
  if (how !== undefined) return how !== 'write' && ends.some((e) => e !== end);
  if (thing.kind === 'pipe') return !thing.open.has('r');
  return !thing.open.size || !ends.every((e) => e === end);
}

/** How many bytes a save can have put into a pipe, at most; undefined where that cannot be said. */
export function mostSaved(thing: Thing): number | undefined {
  if (thing.kind !== 'pipe' || thing.replaced || thing.nonblock) return undefined;
  return thing.read + Math.max(thing.size, 65_536) + 4096;
}

/** Whether a save cannot have put its whole state into the channel: a whole state is known, and is larger. */
function isCut(ctx: Context, thing: Thing, session: string): boolean {
  const most = mostSaved(thing);
  const sizes = [...ctx.saved.values()].filter((s) => s.good && s.session === session).map((s) => s.bytes.length);
  return most !== undefined && sizes.length > 0 && Math.min(...sizes) > most;
}
