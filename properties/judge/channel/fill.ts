/** What a load has in its channel, told to the model. */
import { type SessionState, wroteAll, wroteSome } from '../../../model/session/index.js';
import { contentOf } from '../content.js';
import type { Context } from '../context.js';
import { type Thing, thingOf, total } from '../things.js';

type Content = SessionState['content'];

/** What bytes are that go through a channel. */
export function contentIn(ctx: Context, thing: Thing, bytes: Uint8Array): Content {
  const session = thing.channelOf?.session;
  // A process that saved before is not a fresh destination.
  const saves = [...ctx.saved.values()];
  const own = session !== undefined && saves.some((s) => s.session === session);
  const steps = ctx.trace.filter((s) => s.do === 'write' && thingOf(s.name) === thing.name);
  const patternOnly = steps.length > 0 && steps.every((s) => s.do === 'write' && s.pattern !== undefined);
  const found = contentOf(bytes, saves, patternOnly && bytes.length >= 16);
  return own && found === 'valid' ? ownState(ctx, session!, found) : found;
}

/** Loading into a process that saved: only a state of another one is sure to be taken, and that after a failure. */
function ownState(ctx: Context, session: string, found: Content): Content {
  return ctx.track(session).all((s) => s.earlier === 'failed') ? found : 'unknown';
}

/** Everything that will be read by a load is in the channel, and its end. */
export function loaded(ctx: Context, thing: Thing): void {
  const of = thing.channelOf;
  if (of === undefined || thing.replaced) return;
  const bytes = total(thing);
  const file = thing.kind === 'memfd' || thing.kind === 'file';
  const content = contentIn(ctx, thing, file ? bytes.subarray(thing.offset) : bytes);
  ctx.track(of.session).change((s) => wroteAll(s, content), of.step);
}

/** More may come. */
export function filled(ctx: Context, thing: Thing): void {
  const of = thing.channelOf;
  if (of === undefined || thing.replaced) return;
  const content = contentIn(ctx, thing, total(thing));
  ctx.track(of.session).change((s) => wroteSome(s, content), of.step);
}
