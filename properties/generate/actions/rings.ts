/** Rings: their parts, start and stop. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import {
  enable,
  type Index,
  isWhole,
  ringsOf,
  setAddress,
  setBase,
  setEvent,
  setNum,
  setUp,
  stopAll,
} from '../parts/rings.js';
import { isUp } from '../parts/transfer.js';
import type { View, World } from '../world.js';

/** One of the rings for which it makes sense. */
function forOne(
  name: string,
  label: string | undefined,
  when: (view: View, index: Index) => boolean,
  act: (w: World, view: View, index: Index) => void,
  more: Partial<Action> = {},
): Action {
  return {
    name,
    kind: 'ring',
    mood: 'lawful',
    weight: 0.6,
    ...(label === undefined ? {} : { label }),
    when: (w, view) => isUp(view) && ringsOf(w).some((index) => when(view, index)),
    act: (w, view) => {
      act(w, view, w.dice.pick(ringsOf(w).filter((index) => when(view, index))));
    },
    ...more,
  };
}

const stopped = (view: View, index: Index): boolean => view.state.features !== 'none' && !view.rings[index]!.live;
/** Where real front-ends would not touch what the transfer rests on. */
const free = (view: View): boolean => !transferring(view.state);

export const rings: readonly Action[] = [
  {
    name: 'set a ring up',
    kind: 'ring',
    mood: 'lawful',
    weight: 3,
    when: (w, view) =>
      isUp(view) &&
      free(view) &&
      view.state.features !== 'none' &&
      view.regions.length > 0 &&
      ringsOf(w).some((index) => stopped(view, index)),
    act: (w, view) => {
      for (const index of ringsOf(w)) if (stopped(view, index) && w.dice.chance(0.75)) setUp(w, view, index);
    },
  },
  {
    name: 'stop the rings',
    kind: 'ring',
    mood: 'lawful',
    weight: 3,
    label: 'GET_VRING_BASE',
    when: (_, view) => isUp(view) && view.rings.some(({ live }) => live),
    act: stopAll,
  },
  forOne('set a size', 'SET_VRING_NUM', stopped, setNum),
  // A ring whose index is not that of its (empty) memory must not run.
  forOne(
    'set a base',
    'SET_VRING_BASE',
    stopped,
    (w, view, index) => setBase(w, view, index, w.dice.pick([0, 1, 5, 0x7fff, 0xffff])),
    {
      weight: 1,
    },
  ),
  forOne(
    'set addresses',
    'SET_VRING_ADDR',
    (view, index) => view.regions.length > 0 && view.rings[index]!.sized,
    setAddress,
  ),
  forOne(
    'set a call',
    'SET_VRING_CALL',
    (view) => view.state.features !== 'none',
    (w, view, index) => setEvent(w, view, 'CALL', index, w.dice.chance(0.15)),
  ),
  forOne(
    'set a call early',
    'SET_VRING_CALL',
    (view) => view.state.protocolBit !== 'unknown',
    (w, view, index) => setEvent(w, view, 'CALL', index),
  ),
  forOne(
    'set an error',
    'SET_VRING_ERR',
    (view) => view.state.protocolBit !== 'unknown',
    (w, view, index) => setEvent(w, view, 'ERR', index),
  ),
  forOne(
    'set a kick',
    'SET_VRING_KICK',
    (view, index) => free(view) && isSet(view, index),
    (w, view, index) => setEvent(w, view, 'KICK', index),
  ),
  forOne(
    'enable or disable',
    'SET_VRING_ENABLE',
    (view) => view.state.features === 'with-30',
    (w, view, index) => enable(w, view, index, w.dice.chance(0.5) ? 1 : 0),
  ),
  forOne(
    'stop one',
    'GET_VRING_BASE',
    (view, index) => view.rings[index]!.live,
    (w, view, index) => {
      w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
    },
  ),
  // Base, kick and base again: what was set must come back.
  forOne(
    'hand a base over',
    'GET_VRING_BASE',
    (view, index) => stopped(view, index) && free(view) && view.regions.length > 0,
    (w, view, index) => {
      setNum(w, view, index);
      setBase(w, view, index, w.dice.pick([1, 5, 0x1234]));
      setAddress(w, view, index);
      if (w.dice.chance(0.4)) setEvent(w, view, 'KICK', index);
      w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
    },
    { weight: 1 },
  ),
  forOne(
    'kick',
    undefined,
    (view, index) =>
      isWhole(view, index) && view.rings[index]!.base === 0 && view.rings[index]!.kick !== undefined && free(view),
    (w, view, index) => w.kick(view, index),
    { weight: 1 },
  ),
  forOne(
    'kick after the stop',
    undefined,
    (view, index) => !view.rings[index]!.live && view.rings[index]!.kick !== undefined && view.rings[index]!.base === 0,
    (w, view, index) => w.kick(view, index),
    { mood: 'open', weight: 1 },
  ),
  forOne(
    'stop what does not run',
    'GET_VRING_BASE',
    (view, index) => !view.rings[index]!.live,
    (w, view, index) => {
      w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
    },
    { mood: 'open', weight: 1 },
  ),
  forOne(
    'poll a ring',
    'SET_VRING_KICK',
    (view, index) => stopped(view, index) && free(view) && isSet(view, index),
    (w, view, index) => setEvent(w, view, 'KICK', index, true),
    { mood: 'open' },
  ),
];

const isSet = (view: View, index: Index): boolean => {
  const { sized, addressed, base } = view.rings[index]!;
  return sized && addressed && base === 0;
};
