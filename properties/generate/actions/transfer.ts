/** One transfer at a time, step by step. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import {
  begin,
  check,
  closeChannel,
  finish,
  isFile,
  isUp,
  load,
  mayTransfer,
  save,
  someChannel,
  writeState,
} from '../parts/transfer.js';
import type { View, World } from '../world.js';

const CHECK = 'CHECK_DEVICE_STATE';

/** A transfer runs, and its channel is ours to serve. */
export const running = (w: World, view: View): boolean =>
  isUp(view) && transferring(view.state) && view.channel !== undefined && w.has(view.channel.ours);

const pipeRunning = (w: World, view: View, direction: 'save' | 'load'): boolean =>
  running(w, view) && view.state.transfer === direction && !isFile(view.channel!.kind) && view.state.end === 'open';

/** States to choose from: those of other sessions first, they are what a migration loads. */
export const someState = (w: World, view: View): string | undefined => {
  const others = w.saved.filter(({ from }) => from !== view.name);
  const list = others.length > 0 && w.dice.chance(0.8) ? others : w.saved;
  return list.length === 0 ? undefined : w.dice.pick(list).name;
};

export const transfer: readonly Action[] = [
  {
    name: 'save',
    kind: 'save',
    mood: 'lawful',
    weight: 4,
    when: (w, view) => mayTransfer(view) && w.room > 5,
    act: (w, view) => {
      save(w, view);
    },
  },
  {
    name: 'begin to save',
    kind: 'save',
    mood: 'lawful',
    weight: 2.5,
    when: (w, view) => mayTransfer(view) && w.room > 5,
    act: (w, view) => {
      const channel = someChannel(w, true);
      if (!begin(w, view, true, { ...channel, keep: !w.lawful && w.dice.chance(0.2) })) closeChannel(w, view);
    },
  },
  {
    name: 'load',
    kind: 'load',
    mood: 'lawful',
    weight: 3,
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 6,
    act: (w, view) => load(w, view, someState(w, view)!),
  },
  {
    name: 'begin to load',
    kind: 'load',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 6,
    act: (w, view) => {
      const { dice } = w;
      const kind = dice.chance(0.7) ? 'pipe' : 'socketpair';
      if (!begin(w, view, false, { kind, keep: dice.chance(0.1) })) closeChannel(w, view);
    },
  },
  {
    name: 'write a state',
    kind: 'channel',
    mood: 'lawful',
    weight: 4,
    label: 'write valid',
    when: (w, view) => pipeRunning(w, view, 'load') && view.channel!.written === 'none' && w.saved.length > 0,
    act: (w, view) => writeState(w, view, someState(w, view)!),
  },
  {
    name: 'read some',
    kind: 'channel',
    mood: 'lawful',
    weight: 1,
    label: 'read enough',
    when: (w, view) => pipeRunning(w, view, 'save') && w.has(view.channel!.ours),
    act: (w, view) => w.readSome(view, w.dice.pick([1, 1, 10, 16])),
  },
  {
    name: 'finish the save',
    kind: 'save',
    mood: 'lawful',
    weight: 2.5,
    label: CHECK,
    when: (w, view) => running(w, view) && view.state.transfer === 'save',
    act: (w, view) => finish(w, view),
  },
  {
    name: 'finish the load',
    kind: 'load',
    mood: 'lawful',
    weight: 2.5,
    label: CHECK,
    when: (w, view) =>
      running(w, view) && view.state.transfer === 'load' && (view.channel!.written === 'whole' || w.hostile),
    act: (w, view) => finish(w, view),
  },
  {
    name: 'check what is at its end',
    kind: 'check',
    mood: 'lawful',
    weight: 3,
    label: CHECK,
    when: (_, view) => isUp(view) && transferring(view.state) && view.state.end === 'eof',
    act: (w, view) => check(w, view),
  },
];
