/** Notifications: ours to rings, and those of the back-end that must not come while all rings are stopped. */
import { kicked, type Ring } from '../../model/session/index.js';
import type { Context, EventOf } from './context.js';
import { labelOf } from './label.js';
import { thingOf } from './things.js';

/** We signalled an object. */
export function kick(ctx: Context, name: string): void {
  ctx.kicked.add(thingOf(name));
  for (const use of ctx.things.get(name)?.uses ?? []) {
    const match = /^SET_VRING_KICK (\d+)$/.exec(use.role);
    if (match === null) continue;
    const ring = Number(match[1]);
    const track = ctx.track(use.session);
    ctx.device(use.session).dirty();
    if (ring === 0 || ring === 1) track.change((s) => kicked(s, ring as Ring));
  }
}

/** All rings are stopped now, and were when the step began. */
const suspended = (ctx: Context, on: string): boolean =>
  ctx.track(on).suspended && ctx.suspendedBefore.get(on) !== false;

/** An object that the back-end may signal was signalled. */
export function signalled(ctx: Context, event: EventOf<'signal'>): void {
  const thing = ctx.things.get(event.name);
  const ambiguous =
    ctx.kicked.has(thingOf(event.name)) || thing?.uses.some(({ role }) => role.startsWith('SET_VRING_KICK'));
  if (ambiguous || ctx.track(event.on).lost) return;
  ctx.reach(['suspended.no-notify']);
  if (!suspended(ctx, event.on)) return;
  ctx.note(event.on, {
    clause: 'suspended.no-notify',
    step: event.step,
    expected: ['no notification while all rings are stopped'],
    observed: `the call or error descriptor ${event.name} was signalled`,
    situation: '',
    about: thing?.uses[0]?.role.replace(/ \d*$/, '') ?? labelOf(ctx.trace[event.step]),
  });
}

/** A message came on the back-end's own channel. */
export function unasked(ctx: Context, event: EventOf<'backend-message'>): void {
  ctx.reach(['suspended.no-message']);
  if (ctx.track(event.on).lost || !suspended(ctx, event.on)) return;
  ctx.note(event.on, {
    clause: 'suspended.no-message',
    step: event.step,
    expected: ['no message to the front-end while all rings are stopped'],
    observed: `message ${event.request} on the back-end channel`,
    situation: '',
    about: labelOf(ctx.trace[event.step]),
  });
}
