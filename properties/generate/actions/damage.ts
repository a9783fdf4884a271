/** States that are none, and channels that are treated badly. */
import type { WriteStep } from '../../../harness/trace/step.js';
import type { SessionState } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { begin, check, closeChannel, isUp, load, loadWith, mayTransfer, save } from '../parts/transfer.js';
import type { World } from '../world.js';
import { running } from './transfer.js';

type Spoiled = readonly [what: Omit<WriteStep, 'do' | 'name'>, content: SessionState['content']];

/** Bytes of a stream that does not seem to end. */
const ENDLESS = 24 * 1024 * 1024;

const CHECK = 'CHECK_DEVICE_STATE';

/** A load of something that is not a state, then by chance of one that is. */
const bad = (
  name: string,
  content: string,
  weight: number,
  spoil: (w: World, state: string) => Spoiled,
  needsState = true,
): Action => ({
  name,
  kind: 'damage',
  mood: 'hostile',
  weight,
  label: `write ${content}`,
  when: (w, view) => mayTransfer(view) && (!needsState || w.saved.length > 0) && w.room > 7,
  act: (w, view) => {
    const { dice } = w;
    const state = w.saved.length > 0 ? dice.pick(w.saved).name : undefined;
    const [what, as] = spoil(w, state ?? '');
    const kind = w.profile.ownChannel ? 'pipe' : dice.pick(['pipe', 'pipe', 'pipe', 'socketpair', 'memfd', 'file']);
    loadWith(w, view, { kind }, () => w.write(view, what, as));
    if (state !== undefined && dice.chance(0.35) && mayTransfer(view) && w.room > 6) load(w, view, state);
    else if (dice.chance(0.3) && mayTransfer(view) && w.room > 5) save(w, view);
  },
});

export const damage: readonly Action[] = [
  bad('load a part', 'truncated', 2.5, (w, state) => [
    { state, to: w.dice.pick([1, 4, 8, 16, '10%', '50%', '90%', -1, -2]) },
    'truncated',
  ]),
  bad('load without the beginning', 'damaged', 1, (w, state) => [
    { state, from: w.dice.pick([1, 8, '50%']) },
    'damaged',
  ]),
  bad('load with a flipped byte', 'damaged', 2.5, (w, state) => [
    { state, flip: w.dice.pick([0, 1, 4, 8, 12, 16, 24, 32, '10%', '50%', '90%', -1, -4, -8]) },
    'damaged',
  ]),
  bad(
    'load a pattern',
    'foreign',
    1.5,
    (w) => [{ pattern: w.dice.pick([1, 8, 100, 4096, 200_000]) }, 'foreign'],
    false,
  ),
  bad(
    'load a few bytes',
    'foreign',
    1,
    (w) => [
      {
        hex: w.dice.pick([
          '00',
          'ff',
          '0000000000000000',
          'ffffffffffffffff',
          '7b7d',
          '00000001',
          'ffffffff00000000ffffffff',
        ]),
      },
      'foreign',
    ],
    false,
  ),
  {
    name: 'load a state and more than that',
    kind: 'damage',
    mood: 'hostile',
    weight: 0.6,
    label: 'write trailing',
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 7,
    act: (w, view) => {
      if (!begin(w, view, false)) return closeChannel(w, view);
      const state = w.dice.pick(w.saved).name;
      w.write(view, { state }, 'valid');
      w.write(view, { state }, 'trailing');
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    name: 'load without an end',
    kind: 'damage',
    mood: 'hostile',
    weight: 0.06,
    label: 'write foreign',
    when: (w, view) => mayTransfer(view) && w.room > 5,
    act: (w, view) => {
      if (!begin(w, view, false)) return closeChannel(w, view);
      w.write(view, { pattern: ENDLESS }, 'foreign');
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    name: 'close in the middle of a load',
    kind: 'abandon',
    mood: 'hostile',
    weight: 1,
    label: 'close',
    when: (w, view) => running(w, view) && view.state.transfer === 'load',
    act: (w, view) => {
      if (w.saved.length > 0 && view.channel!.written === 'none' && w.dice.chance(0.7))
        w.write(view, { state: w.dice.pick(w.saved).name, to: w.dice.pick(['10%', '50%', 1]) }, 'truncated');
      w.close(view.channel!.ours);
      if (w.dice.chance(0.8)) check(w, view);
    },
  },
  {
    name: 'close before anything moves',
    kind: 'abandon',
    mood: 'hostile',
    weight: 1,
    label: 'close',
    when: (w, view) => mayTransfer(view) && w.room > 5,
    act: (w, view) => {
      const runs = begin(w, view, w.dice.chance(0.7), w.dice.chance(0.5) ? { size: 4096 } : { kind: 'socketpair' });
      if (view.channel !== undefined) w.close(view.channel.ours);
      if (runs && w.dice.chance(0.8)) check(w, view);
    },
  },
  {
    name: 'never read',
    kind: 'abandon',
    mood: 'hostile',
    weight: 0.6,
    label: CHECK,
    when: (w, view) => mayTransfer(view) && w.room > 6,
    act: (w, view) => {
      if (!begin(w, view, true, { size: 4096 })) return closeChannel(w, view);
      w.barrier(view);
      if (w.dice.chance(0.5)) w.say(view, CHECK, { later: true });
      if (w.dice.chance(0.5)) w.barrierLater(view);
      if (w.dice.chance(0.6)) w.close(view.channel!.ours);
      w.awaitAll(view);
    },
  },
  {
    name: 'read and write at the wrong end',
    kind: 'odd-channel',
    mood: 'hostile',
    weight: 0.4,
    label: 'write foreign',
    when: (w, view) => isUp(view) && running(w, view) && view.channel!.kind === 'socketpair' && !w.profile.ownChannel,
    act: (w, view) => w.write(view, { pattern: w.dice.pick([1, 100]) }, 'foreign'),
  },
];
