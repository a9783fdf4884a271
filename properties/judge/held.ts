/** Which of our objects a back-end may hold, and which it holds for too long. */
import type { Context, EventOf } from './context.js';
import type { Thing, Things, Use } from './things.js';

interface HeldContext {
  readonly session: string;
  /** The model knows for certain what runs. */
  readonly settled: boolean;
  /** A transfer may run. */
  readonly running: boolean;
  readonly steps: number;
}

const SET = 'SET_DEVICE_STATE_FD';
const RING = /^SET_VRING_(KICK|CALL|ERR) /;
/** Messages that take a descriptor and may keep it: what came with any other is nobody's to keep. */
const KEPT =
  /^(SET_VRING_(KICK|CALL|ERR)|SET_MEM_TABLE|ADD_MEM_REG|REM_MEM_REG|SET_LOG_BASE|SET_LOG_FD|SET_BACKEND_REQ_FD|SET_INFLIGHT_FD|GPU_SET_SOCKET)\b/;

/**
 * The objects that are held and should not be: after our leaving all of them; before it, channels of transfers that are
 * over, descriptors that came with messages which take none, and ring descriptors that were replaced.
 */
export function heldTooLong(
  event: EventOf<'held'>,
  things: Things,
  { session, settled, running, steps }: HeldContext,
): readonly string[] {
  return event.names.filter((name) => {
    const thing = things.get(name);
    const uses = thing?.uses.filter((use) => use.session === session) ?? [];
    if (thing === undefined || uses.length === 0 || ambiguous(things, thing)) return false;
    if (event.parted) return true;
    // open.disconnect-mid-transfer: a transfer may go on until its channel ends.
    if (!settled || thing.orphan) return false;
    const roles = uses.map(({ role }) => role);
    if (roles.every((role) => role === SET)) return !running;
    if (event.step < steps) return false;
    if (roles.some((role) => RING.test(role))) return roles.length === 1 && replaced(things, session, uses[0]!);
    return roles.every((role) => !KEPT.test(role) && role !== SET);
  });
}

/** Another descriptor took its place at the ring. */
const replaced = (things: Things, session: string, use: Use): boolean =>
  use.good &&
  [...things.all.values()].some((other) =>
    other.uses.some(
      (later) => later.good && later.session === session && later.role === use.role && later.step > use.step,
    ),
  );

/** The kernel gives the number of an eventfd that nobody holds any more to the next one: then it cannot be told which. */
function ambiguous(things: Things, thing: Thing): boolean {
  if (thing.kind !== 'eventfd' || thing.open.size > 0) return false;
  const all = [...things.all.values()];
  return all.slice(all.indexOf(thing) + 1).some(({ kind }) => kind === 'eventfd');
}

/** The back-end was looked at: these objects of ours it holds. */
export function judgeHeld(ctx: Context, event: EventOf<'held'>): void {
  const track = ctx.track(event.on);
  ctx.reach(['robust.no-fd-leak']);
  const names = heldTooLong(event, ctx.things, {
    session: event.on,
    settled: !track.lost && track.all((s) => s.muddled === 'no' && s.link !== 'wild'),
    running: !track.all((s) => s.transfer === 'none' || s.checked !== 'no'),
    steps: ctx.trace.length,
  });
  if (names.length === 0) return;
  const roles = [
    ...new Set(names.map((name) => ctx.things.get(name)?.uses[0]?.role.replace(/ \d*$/, '') ?? 'unknown')),
  ];
  // Whoever keeps what came with one message that takes none likely keeps it with all of them.
  const kinds = [...new Set(roles.map((role) => (KEPT.test(role) || role === SET ? role : 'takes none')))];
  ctx.verdicts.add({
    clause: 'robust.no-fd-leak',
    step: event.step,
    on: event.on,
    expected: [
      event.parted
        ? 'every descriptor of ours is closed once we have left'
        : 'the descriptor is closed when it has served',
    ],
    observed: `the back-end still holds ${names.join(', ')} (from ${roles.join(', ')})`,
    signature: [kinds.join(',')],
    cause: `held ${roles.join(',')}`,
  });
}
