/** The connection: that it lasts, ends, carries whole messages, and can be made again. */
import { left, reconnected } from '../../model/session/index.js';
import { requestName } from '../../model/wire/index.js';
import type { Context, EventOf } from './context.js';
import { newRegisters } from './registers.js';

/** The back-end closed it. */
export function gone(ctx: Context, { on, step }: EventOf<'gone'>): void {
  const track = ctx.track(on);
  if (track.lost) return;
  // A process on its way out may still accept: that is judged by how it ended.
  if (track.connections > 1 && track.answered === 0 && ctx.history.sessions[on]?.exit !== undefined) track.lost = true;
  else ctx.fail(on, track.closed(step), 'end');
}

const GARBAGE: Readonly<Record<EventOf<'garbage'>['reason'], string>> = {
  'cut-off': 'the connection ended within a message',
  oversize: 'a message of an impossible size',
  flood: 'a flood of messages',
};

/** What came is no message. */
export function garbage(ctx: Context, event: EventOf<'garbage'>): void {
  const track = ctx.track(event.on);
  if (event.channel !== undefined || track.lost || track.all((s) => s.link === 'wild')) return;
  const doubtful = event.reason === 'cut-off' && !track.all((s) => s.link === 'up');
  if (doubtful) return;
  ctx.fail(
    event.on,
    {
      clause: event.reason === 'flood' ? 'communication.no-unasked-reply' : 'header.reply-size',
      step: event.step,
      expected: ['whole messages, only where one is due'],
      observed: GARBAGE[event.reason],
      situation: '',
      about: track.last === undefined ? 'connect' : requestName(track.last.number),
    },
    'end',
  );
}

/** We left. */
export function disconnect(ctx: Context, on: string, step: number): void {
  const track = ctx.track(on);
  track.change(left);
  ctx.device(on).left(step);
  // Whatever the back-end had not answered is answered to nobody.
  track.forgive();
}

/** We connected again. */
export function reconnect(ctx: Context, on: string): void {
  const track = ctx.track(on);
  track.change(reconnected);
  track.forgive();
  track.registers = newRegisters();
  track.connections++;
  track.answered = 0;
  track.flawed = [];
  track.fragmented = false;
  track.savedLast = false;
  track.last = undefined;
  for (const thing of ctx.things.all.values()) {
    if (thing.channelOf?.session !== track.name) continue;
    delete thing.channelOf;
    thing.orphan = true;
  }
  ctx.reach(['robust.reconnect']);
}

/** The connection that we wanted was not made. */
export function refused(ctx: Context, event: EventOf<'refused'>): void {
  const track = ctx.track(event.on);
  const ended = ctx.history.sessions[event.on]?.exit !== undefined;
  if (ended || ctx.trace[event.step]?.do !== 'connect' || track.lost) {
    track.lost = true;
    return;
  }
  ctx.fail(event.on, {
    clause: 'robust.reconnect',
    step: event.step,
    expected: ['the connection is accepted: the process goes on'],
    observed: `connect failed: ${event.error}`,
    situation: '',
    about: 'connect',
  });
}
