/** Guest memory and rings, as front-ends set them up. Nothing is ever in a ring: memory stays zero. */
import { vringFd } from '../../../model/wire/index.js';
import { type Extra, negotiated, type Region, type View, type World } from '../world.js';
import { maybeAck } from './negotiation.js';

export type Index = 0 | 1;

/** Bytes of one region, room for both rings. */
const REGION = 0x1_0000;
/** Distance of regions in guest memory. */
const APART = 0x10_0000;
/** Where the front-end has its memory: far from where guest addresses are. */
const USER = 0x7f00_0000_0000;
/** Bytes that one ring has in its region, and where its parts are: room for 256 entries. */
const RING = 0x4000;
const AVAILABLE = 0x1000;
const USED = 0x2000;

const address = (number: number): string => `0x${number.toString(16)}`;

/** The rings that this back-end has. */
export const ringsOf = (w: World): readonly Index[] => (w.profile.queues > 1 ? [0, 1] : [0]);

/** A region that is not shared yet, with its memory file. */
function region(w: World, view: View): Region {
  const place = view.regions.length + 1;
  const name = w.open('memfd', { size: REGION });
  return { name, guest: place * APART, size: REGION, user: address(USER + place * APART) };
}

const fieldsOf = ({ guest, size, user }: Region) => ({ guest, size, user, offset: 0 });

/** Share memory, in the way that was negotiated. */
export function shareMemory(w: World, view: View, extra: Extra = {}): void {
  if (negotiated(view, 'CONFIGURE_MEM_SLOTS')) {
    const one = region(w, view);
    w.say(view, 'ADD_MEM_REG', { with: fieldsOf(one), fds: [one.name], ...maybeAck(w, view), ...extra });
    view.regions = [...view.regions, one];
    if (w.dice.chance(0.7)) w.close(one.name);
    return;
  }
  view.regions = [];
  const count = w.dice.chance(0.2) ? 2 : 1;
  for (let i = 0; i < count; i++) view.regions = [...view.regions, region(w, view)];
  const table = view.regions.map(fieldsOf);
  const fds = view.regions.map(({ name }) => name);
  w.say(view, 'SET_MEM_TABLE', { with: { regions: table }, fds, ...maybeAck(w, view), ...extra });
  if (w.dice.chance(0.7)) for (const name of fds) w.close(name);
}

/** Take the last region back. */
export function unshareMemory(w: World, view: View): void {
  const one = view.regions.at(-1);
  if (one === undefined) return;
  w.say(view, 'REM_MEM_REG', { with: fieldsOf(one), ...maybeAck(w, view) });
  view.regions = view.regions.slice(0, -1);
}

export function setNum(w: World, view: View, index: Index): void {
  const num = w.dice.pick([256, 128, 64, 4, 2, 1]);
  w.say(view, 'SET_VRING_NUM', { with: { index, num }, ...maybeAck(w, view) });
}

export function setBase(w: World, view: View, index: Index, num: number): void {
  w.say(view, 'SET_VRING_BASE', { with: { index, num }, ...maybeAck(w, view) });
}

/** SET_VRING_ADDR, in the first region. */
export function setAddress(w: World, view: View, index: Index): void {
  const one = view.regions[0];
  if (one === undefined) return;
  const at = Number(one.user) + index * RING;
  w.say(view, 'SET_VRING_ADDR', {
    with: {
      index,
      flags: 0,
      descriptor: address(at),
      used: address(at + USED),
      available: address(at + AVAILABLE),
      log: one.guest + index * RING + USED,
    },
    ...maybeAck(w, view),
  });
}

/** SET_VRING_KICK, CALL or ERR with an eventfd of its own. */
export function setEvent(w: World, view: View, what: 'KICK' | 'CALL' | 'ERR', index: Index, none = false): void {
  const name = none ? undefined : w.open('eventfd');
  w.say(view, `SET_VRING_${what}`, {
    with: { value: Number(vringFd(index, none)) },
    ...(name === undefined ? {} : { fds: [name] }),
    ...maybeAck(w, view),
  });
}

export function enable(w: World, view: View, index: Index, num: 0 | 1): void {
  w.say(view, 'SET_VRING_ENABLE', { with: { index, num }, ...maybeAck(w, view) });
}

/** A ring that is set up whole, so that a kick may come. */
export const isWhole = (view: View, index: Index): boolean => {
  const ring = view.rings[index]!;
  return ring.sized && ring.addressed && ring.live;
};

/** Set a ring up from nothing, in the order of QEMU. Needs features and memory. */
export function setUp(w: World, view: View, index: Index): void {
  setNum(w, view, index);
  // What is kicked begins at 0, where its memory is: nothing is in the ring then.
  const unsure = view.rings[index]!.base !== 0 || view.state.transfer !== 'none';
  if (unsure || w.dice.chance(0.8)) setBase(w, view, index, 0);
  setAddress(w, view, index);
  const call = w.dice.chance(0.3);
  if (call) setEvent(w, view, 'CALL', index);
  if (w.dice.chance(0.2)) setEvent(w, view, 'ERR', index);
  setEvent(w, view, 'KICK', index);
  // A descriptor may be replaced while the ring runs.
  if (w.dice.chance(0.15)) setEvent(w, view, 'KICK', index);
  if (!call) setEvent(w, view, 'CALL', index);
  if (view.state.features === 'with-30' && w.dice.chance(0.8)) enable(w, view, index, 1);
  if (w.dice.chance(0.75)) w.kick(view, index);
}

/** Stop the rings that may run; then the device is suspended. */
export function stopAll(w: World, view: View): void {
  for (const index of ringsOf(w)) {
    if (!view.rings[index]!.live) continue;
    if (view.state.features === 'with-30' && w.dice.chance(0.4)) enable(w, view, index, 0);
    w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
    if (w.dice.chance(0.25)) setEvent(w, view, 'CALL', index);
  }
}

/** No ring can run, by any reading of the source. */
export const isQuiet = (view: View): boolean => view.rings.every(({ live }) => !live);
