/** Walks that look twice at the same thing, with something in between that must not have changed it, or must have. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { negotiate } from '../parts/negotiation.js';
import { ringsOf, setBase, setNum } from '../parts/rings.js';
import { begin, check, closeChannel, isUp, mayTransfer, save } from '../parts/transfer.js';
import { negotiated, type View, type World } from '../world.js';
import { getConfig, setConfig } from './device.js';

const SIZE = 8;
const someConfig = (w: World): string => w.dice.pick(['5a', 'c0ffee', '8899aabbccddeeff']);

const hasConfig = (view: View): boolean => isUp(view) && negotiated(view, 'CONFIG') && !transferring(view.state);

/** Write a state that is right for the most part. */
function spoil(w: World, view: View, state: string): void {
  const at = w.dice.pick(['90%', -1, -8]);
  if (w.dice.chance(0.5)) w.write(view, { state, to: at }, 'truncated');
  else w.write(view, { state, flip: at }, 'damaged');
}

export const comparisons: readonly Action[] = [
  {
    name: 'the configuration outlives a save that was left',
    kind: 'abandon',
    mood: 'lawful',
    weight: 1,
    when: (w, view) => hasConfig(view) && mayTransfer(view) && w.profile.stateSize > 12_288 && w.room > 12,
    act: (w, view) => {
      setConfig(w, view, someConfig(w));
      getConfig(w, view, SIZE);
      if (!begin(w, view, true, { size: 4096 })) return closeChannel(w, view);
      view.channel!.content = 'cut';
      w.close(view.channel!.ours);
      check(w, view);
      if (isUp(view)) getConfig(w, view, SIZE);
    },
  },
  {
    name: 'a load that fails leaves the configuration',
    kind: 'damage',
    mood: 'hostile',
    weight: 2,
    label: 'write damaged',
    when: (w, view) => hasConfig(view) && mayTransfer(view) && w.room > 16,
    act: (w, view) => {
      const state = w.saved.at(-1)?.name ?? save(w, view, {});
      if (state === undefined || !mayTransfer(view)) return;
      setConfig(w, view, someConfig(w));
      getConfig(w, view, SIZE);
      if (!begin(w, view, false)) return closeChannel(w, view);
      spoil(w, view, state);
      closeChannel(w, view);
      check(w, view);
      if (isUp(view)) getConfig(w, view, SIZE);
    },
  },
  {
    name: 'a load that fails changes nothing',
    kind: 'damage',
    mood: 'hostile',
    weight: 1,
    when: (w, view) => hasConfig(view) && mayTransfer(view) && w.room > 34,
    act: (w, view) => {
      const state = save(w, view);
      if (state === undefined || !mayTransfer(view)) return;
      setConfig(w, view, someConfig(w));
      // Whether a state is the same when it is saved twice is to be known first.
      for (let i = 0; i < 2 && mayTransfer(view); i++) save(w, view, {});
      if (!mayTransfer(view) || !begin(w, view, false)) return closeChannel(w, view);
      spoil(w, view, state);
      closeChannel(w, view);
      check(w, view);
      if (mayTransfer(view)) save(w, view, {});
    },
  },
  {
    name: 'the index of a ring outlives a save',
    kind: 'ring',
    mood: 'lawful',
    weight: 1,
    when: (w, view) => mayTransfer(view) && view.state.features !== 'none' && view.state.link === 'up' && w.room > 12,
    act: (w, view) => {
      const index = w.dice.pick(ringsOf(w));
      setNum(w, view, index);
      setBase(w, view, index, w.dice.int(1, 9));
      save(w, view);
      if (isUp(view)) w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
      // Its memory is that of a ring which never ran.
      if (isUp(view)) setBase(w, view, index, 0);
    },
  },
  {
    name: 'a base comes back',
    kind: 'ring',
    mood: 'open',
    weight: 1,
    label: 'GET_VRING_BASE',
    when: (w, view) =>
      isUp(view) && view.state.protocolBit !== 'unknown' && view.rings.every(({ live }) => !live) && w.room > 3,
    act: (w, view) => {
      const index = w.dice.pick(ringsOf(w));
      setBase(w, view, index, w.dice.pick([1, 5, 0xffff]));
      w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
      if (isUp(view)) setBase(w, view, index, 0);
    },
  },
  {
    name: 'a reset forgets the configuration',
    kind: 'reset',
    mood: 'lawful',
    weight: 0.8,
    label: 'RESET_DEVICE',
    when: (w, view) => hasConfig(view) && negotiated(view, 'RESET_DEVICE') && w.room > 6,
    act: (w, view) => {
      getConfig(w, view, SIZE);
      setConfig(w, view, someConfig(w));
      w.say(view, 'RESET_DEVICE');
      getConfig(w, view, SIZE);
    },
  },
  {
    name: 'another connection finds the device as it was first',
    kind: 'connection',
    mood: 'lawful',
    weight: 0.8,
    when: (w, view) => w.profile.survivesDisconnect && hasConfig(view) && w.room > 14,
    act: (w, view) => {
      getConfig(w, view, SIZE);
      setConfig(w, view, someConfig(w));
      w.disconnect(view);
      w.connect(view);
      negotiate(w, view);
      if (hasConfig(view)) getConfig(w, view, SIZE);
    },
  },
  {
    name: 'protocol features are offered before SET_FEATURES as they are behind it',
    kind: 'negotiation',
    mood: 'lawful',
    weight: 1,
    when: (w, view) =>
      isUp(view) && view.state.protocolBit === 'offered' && view.state.features !== 'none' && w.room > 2,
    act: (w, view) => {
      w.say(view, 'GET_PROTOCOL_FEATURES');
    },
  },
  {
    name: 'ask for the result of a load that has not ended',
    kind: 'check',
    mood: 'open',
    weight: 1,
    when: (w, view) => mayTransfer(view) && w.room > 7,
    act: (w, view) => {
      if (!begin(w, view, false, { kind: w.dice.pick(['pipe', 'socketpair']) })) return closeChannel(w, view);
      const state = w.saved.at(-1)?.name;
      if (state !== undefined) w.write(view, { state, to: '50%' }, 'truncated');
      else w.write(view, { pattern: 100 }, 'foreign');
      check(w, view);
      if (w.dice.chance(0.3)) w.barrierLater(view);
      // An answer that needs no end comes now.
      w.linger(w.dice.int(2, 10));
      closeChannel(w, view);
      w.awaitAll(view);
    },
  },
  {
    name: 'leave while a transfer waits',
    kind: 'connection',
    mood: 'open',
    weight: 0.8,
    when: (w, view) => mayTransfer(view) && w.room > 8,
    act: (w, view) => {
      begin(w, view, w.dice.chance(0.6), { size: 4096 });
      w.barrier(view);
      w.disconnect(view);
      if (!w.profile.survivesDisconnect || w.dice.chance(0.3)) return;
      w.connect(view);
      negotiate(w, view);
    },
  },
];
