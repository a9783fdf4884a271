/** Whole migrations: there, back, again, and after a failure. */
import { suspended, transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { maybeAck, negotiate, setFeatures } from '../parts/negotiation.js';
import { isQuiet, ringsOf, setUp, shareMemory, stopAll } from '../parts/rings.js';
import { begin, check, closeChannel, isUp, load, mayTransfer, save, writeState } from '../parts/transfer.js';
import { negotiated, type View, type World } from '../world.js';
import { getConfig, setConfig } from './device.js';

const MAX_SESSIONS = 4;

/** A further back-end, negotiated as a destination is: as a rule without SET_FEATURES. */
function destination(w: World): View {
  const view = w.start();
  negotiate(w, view, w.dice.chance(0.75) ? 'never' : 'always');
  return view;
}

/** The guest goes on: what QEMU sends when it is resumed. */
export function resume(w: World, view: View): void {
  if (w.room < 8 || view.state.protocolBit === 'unknown') return;
  setFeatures(w, view);
  if (view.regions.length === 0) shareMemory(w, view);
  const list = ringsOf(w);
  setUp(w, view, list[0]!);
  if (list.length > 1 && w.room > 8 && w.dice.chance(0.5)) setUp(w, view, list[1]!);
}

/** Leave a save early, so that the back-end cannot have written all. */
function abandon(w: World, view: View): boolean {
  const channel = w.dice.chance(0.7) ? { size: 4096 } : {};
  if (!begin(w, view, true, channel)) {
    closeChannel(w, view);
    return false;
  }
  if (w.dice.chance(0.6)) w.readSome(view, w.dice.pick([1, 10, 100]));
  if (view.channel !== undefined && 'size' in channel && w.profile.stateSize > 3 * 4096) view.channel.content = 'cut';
  w.close(view.channel!.ours);
  // QEMU asks for no result when it could not read.
  if (w.dice.chance(0.7)) check(w, view);
  return true;
}

const canMigrate = (w: World, view: View, room: number): boolean =>
  mayTransfer(view) && view.state.link === 'up' && w.sessions.length < MAX_SESSIONS && w.room > room;

export const walks: readonly Action[] = [
  {
    name: 'migrate',
    kind: 'migrate',
    mood: 'lawful',
    weight: 6,
    when: (w, view) => canMigrate(w, view, 16),
    act: (w, view) => {
      const state = save(w, view);
      if (state === undefined) return;
      const other = destination(w);
      if (!mayTransfer(other)) return;
      load(w, other, state);
      if (w.dice.chance(0.35)) {
        resume(w, other);
        stopAll(w, other);
      }
      if (isQuiet(other) && w.room > 5 && w.dice.chance(0.8)) save(w, other);
    },
  },
  {
    name: 'migrate there and back',
    kind: 'migrate',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => canMigrate(w, view, 28) && w.sessions.length + 1 < MAX_SESSIONS,
    act: (w, view) => {
      const first = save(w, view);
      if (first === undefined) return;
      const there = destination(w);
      if (!mayTransfer(there)) return;
      load(w, there, first);
      const second = save(w, there);
      if (second === undefined) return;
      const back = destination(w);
      if (!mayTransfer(back)) return;
      load(w, back, second);
      if (w.room > 5) save(w, back);
    },
  },
  {
    name: 'migrate a configuration',
    kind: 'migrate',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => canMigrate(w, view, 20) && negotiated(view, 'CONFIG'),
    act: (w, view) => {
      setConfig(w, view, w.dice.pick(['a5', 'deadbeef', '0102030405060708']));
      getConfig(w, view, 8);
      const state = save(w, view);
      if (state === undefined) return;
      const other = destination(w);
      if (!mayTransfer(other)) return;
      load(w, other, state);
      if (negotiated(other, 'CONFIG')) getConfig(w, other, 8);
      save(w, other);
    },
  },
  {
    name: 'save twice',
    kind: 'retry',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => mayTransfer(view) && w.room > 12,
    act: (w, view) => {
      save(w, view);
      if (mayTransfer(view)) save(w, view);
    },
  },
  {
    name: 'abandon, then save',
    kind: 'retry',
    mood: 'lawful',
    weight: 4,
    when: (w, view) => mayTransfer(view) && w.room > 14,
    act: (w, view) => {
      if (!abandon(w, view)) return;
      if (w.dice.chance(0.4) && view.state.link === 'up') {
        resume(w, view);
        stopAll(w, view);
      }
      if (isUp(view) && isQuiet(view)) save(w, view);
    },
  },
  {
    name: 'abandon, then resume',
    kind: 'abandon',
    mood: 'lawful',
    weight: 2,
    when: (w, view) =>
      mayTransfer(view) && view.state.link === 'up' && view.state.protocolBit !== 'unknown' && w.room > 16,
    act: (w, view) => {
      if (abandon(w, view)) resume(w, view);
    },
  },
  {
    name: 'load badly, save, then load',
    kind: 'retry',
    mood: 'hostile',
    weight: 3,
    label: 'write truncated',
    when: (w, view) => mayTransfer(view) && w.room > 18,
    act: (w, view) => {
      const state = w.saved.length > 0 ? w.dice.pick(w.saved).name : save(w, view, {});
      if (state === undefined || !mayTransfer(view)) return;
      if (!begin(w, view, false)) return closeChannel(w, view);
      const at = w.dice.pick(['10%', '50%', -1, 1]);
      if (w.dice.chance(0.5)) w.write(view, { state, to: at }, 'truncated');
      else w.write(view, { state, flip: at }, 'damaged');
      closeChannel(w, view);
      check(w, view);
      if (w.dice.chance(0.3) && mayTransfer(view)) save(w, view);
      if (mayTransfer(view)) load(w, view, state);
      if (mayTransfer(view) && w.room > 5) save(w, view);
    },
  },
  {
    name: 'bad migration, then a good one',
    kind: 'retry',
    mood: 'hostile',
    weight: 3,
    when: (w, view) => canMigrate(w, view, 24),
    act: (w, view) => {
      const state = save(w, view);
      if (state === undefined) return;
      const other = destination(w);
      if (!mayTransfer(other) || !begin(w, other, false)) return;
      const at = w.dice.pick(['10%', '50%', '90%', -1, 1]);
      if (w.dice.chance(0.5)) w.write(other, { state, to: at }, 'truncated');
      else w.write(other, { state, flip: at }, 'damaged');
      closeChannel(w, other);
      check(w, other);
      if (mayTransfer(other)) load(w, other, state);
      if (mayTransfer(other)) save(w, other);
    },
  },
  {
    name: 'save through a narrow pipe',
    kind: 'interleave',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => mayTransfer(view) && w.room > 10,
    act: (w, view) => {
      const runs = begin(w, view, true, { size: 4096, nonblock: w.dice.pick(['w', 'both']) });
      if (!runs) return closeChannel(w, view);
      if (w.dice.chance(0.5)) w.barrier(view);
      if (w.dice.chance(0.4)) {
        w.readSome(view, 100);
        w.barrier(view);
      }
      w.readAll(view);
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    name: 'load, asking meanwhile',
    kind: 'interleave',
    mood: 'lawful',
    weight: 2,
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 10,
    act: (w, view) => {
      const nonblock = w.dice.chance(0.5) ? ({ nonblock: 'r' } as const) : {};
      if (!begin(w, view, false, nonblock)) return closeChannel(w, view);
      // Nothing is there yet when the back-end looks for the first time.
      if (w.dice.chance(0.5)) w.barrier(view);
      const state = w.dice.pick(w.saved).name;
      const at = w.dice.pick(['10%', '50%', '90%', 1, 8]);
      w.write(view, { state, to: at }, 'truncated');
      w.say(view, 'GET_FEATURES', maybeAck(w, view, 0.2));
      w.write(view, { state, from: at }, 'valid');
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    name: 'load in pieces',
    kind: 'interleave',
    mood: 'lawful',
    weight: 1,
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 12,
    act: (w, view) => {
      if (!begin(w, view, false, w.dice.chance(0.5) ? { size: 4096 } : { kind: 'socketpair' }))
        return closeChannel(w, view);
      const state = w.dice.pick(w.saved).name;
      const cuts = ['10%', '25%', '50%', '75%'];
      let from: string | undefined;
      for (const to of [...cuts.filter(() => w.dice.chance(0.6)), undefined]) {
        w.write(
          view,
          { state, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
          to === undefined ? 'valid' : 'truncated',
        );
        from = to;
      }
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    name: 'run, stop, save, resume',
    kind: 'ring',
    mood: 'lawful',
    weight: 3,
    when: (w, view) =>
      isUp(view) &&
      view.state.link === 'up' &&
      view.state.protocolBit !== 'unknown' &&
      !transferring(view.state) &&
      suspended(view.state) &&
      w.room > 22,
    act: (w, view) => {
      resume(w, view);
      stopAll(w, view);
      if (mayTransfer(view)) save(w, view);
      if (w.dice.chance(0.5)) resume(w, view);
    },
  },
  {
    name: 'save and load many times',
    kind: 'migrate',
    mood: 'lawful',
    weight: 1,
    when: (w, view) => mayTransfer(view) && w.room > 30,
    act: (w, view) => {
      const times = w.dice.int(2, 4);
      for (let i = 0; i < times && w.room > 12; i++) {
        const state = mayTransfer(view) ? save(w, view) : undefined;
        if (state === undefined) return;
        if (mayTransfer(view) && w.dice.chance(0.6)) load(w, view, state, {});
      }
    },
  },
  {
    name: 'write late',
    kind: 'interleave',
    mood: 'lawful',
    weight: 0.7,
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 10,
    act: (w, view) => {
      if (!begin(w, view, false, { kind: 'socketpair', nonblock: 'b' })) return closeChannel(w, view);
      w.barrier(view);
      w.barrier(view);
      writeState(w, view, w.dice.pick(w.saved).name, () => w.barrier(view));
      closeChannel(w, view);
      check(w, view);
    },
  },
];
