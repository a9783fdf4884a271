/** We read from a channel: what the back-end saved, and its end. */
import type { Step } from '../../../harness/trace/step.js';
import { sawEof } from '../../../model/session/index.js';
import type { Context, EventOf } from '../context.js';
import { type Thing, total } from '../things.js';
import type { Track } from '../track.js';
import { replyOwed } from './owed.js';

const isFile = (thing: Thing): boolean => thing.kind === 'memfd' || thing.kind === 'file';

/** Every explanation says that what comes out of the channel is what the back-end saves into it. */
const surelySaved = (track: Track, via: number): boolean =>
  track.follows(via) && track.all((s) => s.transfer === 'save' && s.muddled === 'no' && s.sink === 'good');

export function read(ctx: Context, event: EventOf<'read'>, step: Step | undefined): void {
  if (step?.do !== 'read') return;
  const thing = ctx.things.get(step.name);
  const bytes = step.into === undefined ? undefined : ctx.history.states[step.into];
  if (step.into !== undefined && bytes !== undefined) ctx.states.set(step.into, bytes);
  if (thing === undefined) return;
  const first = thing.reads === 0;
  thing.reads++;
  thing.read += event.bytes;
  const of = thing.channelOf;
  if (of === undefined || of.direction !== 'save') return;
  ctx.transition(of.session, `read ${event.outcome}`);
  const track = ctx.track(of.session);
  const mine = surelySaved(track, of.step);
  if (event.outcome === 'eof') {
    if (!isFile(thing)) {
      ctx.reach(['channel.save-eof', 'channel.save-all']);
      track.change(sawEof, of.step);
    }
    if (mine && first && step.into !== undefined && bytes !== undefined && isWhole(thing, track))
      saved(ctx, { name: step.into, bytes, session: of.session, via: of.step, at: event.step });
  } else if (event.outcome === 'blocked' || event.outcome === 'endless') {
    if (mine) endless(ctx, event, thing, track);
  }
}

/** What we wrote into it ourselves is in it too; and a file is read from where we are, and grows until CHECK says so. */
const isWhole = (thing: Thing, track: Track): boolean =>
  !track.lost &&
  total(thing).length === 0 &&
  (!isFile(thing) || (thing.offset === 0 && track.all((s) => s.checked === 'ok')));

interface Whole {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly session: string;
  readonly via: number;
  readonly at: number;
}

function saved(ctx: Context, { name, bytes, session, via, at }: Whole): void {
  const track = ctx.track(session);
  ctx.saved.set(name, { bytes, session, via, good: track.all((s) => s.checked === 'ok') });
  // A save ends with its connection, and one that may be closing may be closed already.
  if (!track.all((s) => s.link === 'up')) return;
  const special = track.all((s) => s.kind === 'special');
  for (const finding of ctx.device(session).saved(bytes, at, special)) {
    ctx.reach([finding.clause]);
    ctx.fail(session, finding.failure);
  }
}

/** A save that does not come to its end. */
function endless(ctx: Context, event: EventOf<'read'>, thing: Thing, track: Track): void {
  if (isFile(thing) || ourCopy(thing) || replyOwed(track) || track.lost) return;
  if (!track.all((s) => s.link === 'up' && s.end === 'open')) return;
  ctx.reach(['channel.save-eof']);
  ctx.fail(track.name, {
    clause: 'channel.save-eof',
    step: event.step,
    expected: ['the whole state, then end of file'],
    observed:
      event.outcome === 'endless'
        ? `no end after ${event.bytes} bytes`
        : `${event.bytes} bytes, then neither bytes nor end of file for ${ctx.history.deadlineMs} ms`,
    situation: 'save',
    about: 'read',
  });
}

/** As long as we hold the writing end too, there is no end of file. */
const ourCopy = (thing: Thing): boolean =>
  !thing.replaced &&
  ((thing.kind === 'pipe' && thing.open.has('w')) ||
    (thing.kind === 'socketpair' && thing.open.has(thing.channelOf?.end ?? '')));
