/** None, two, many or wrong descriptors. */
import type { ObjectKind } from '../../../harness/trace/step.js';
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { maybeAck } from '../parts/negotiation.js';
import { check, endsOf, finish, handOver, isUp, mayTransfer } from '../parts/transfer.js';
import { LOAD, SAVE, type World } from '../world.js';
import { look } from './malformed.js';

const SET = 'SET_DEVICE_STATE_FD';
const base = { mood: 'hostile', kind: 'descriptors', weight: 1 } as const;

/** Close both ends of an object, where they are open. */
function drop(w: World, name: string): void {
  for (const letter of [...(w.things.get(name)?.open ?? [])]) w.close(letter === '' ? name : `${name}.${letter}`);
}

/** A channel that cannot serve, or not in this direction. */
function odd(
  name: string,
  weight: number,
  make: (w: World, save: boolean) => readonly [ours: string, theirs: string, kind: ObjectKind],
): Action {
  return {
    name,
    kind: 'odd-channel',
    mood: 'hostile',
    weight,
    label: SET,
    when: (w, view) => mayTransfer(view) && w.room > 6,
    act: (w, view) => {
      const save = w.dice.chance(0.55);
      const [ours, theirs, kind] = make(w, save);
      const object = theirs.split('.')[0]!;
      handOver(w, view, save, object, kind, ours, theirs, maybeAck(w, view, 0.1));
      const runs = transferring(view.state);
      if (w.dice.chance(0.5)) drop(w, object);
      else if (ours !== theirs) w.close(theirs);
      if (runs && w.dice.chance(0.85)) check(w, view);
      drop(w, object);
      w.awaitAll(view);
      look(w, view);
    },
  };
}

export const descriptors: readonly Action[] = [
  {
    ...base,
    name: 'no descriptor',
    label: `${SET} no-fd`,
    weight: 1.5,
    when: (_, view) => isUp(view),
    act: (w, view) => {
      w.say(view, SET, { with: w.dice.chance(0.6) ? SAVE : LOAD, ...maybeAck(w, view, 0.2) });
      look(w, view);
    },
  },
  {
    ...base,
    name: 'many descriptors',
    label: `${SET} many-fds`,
    weight: 1.5,
    when: (_, view) => isUp(view),
    act: (w, view) => {
      const save = w.dice.chance(0.6);
      const name = w.open('pipe');
      const [ours, theirs] = endsOf(name, 'pipe', save);
      const count = w.dice.pick([2, 2, 2, 3, 9, 40, 253]);
      w.say(view, SET, { with: save ? SAVE : LOAD, fds: Array.from({ length: count }, () => theirs), channel: ours });
      w.close(theirs);
      w.close(ours);
      look(w, view);
    },
  },
  {
    ...base,
    name: 'two different descriptors',
    label: `${SET} many-fds`,
    when: (_, view) => isUp(view),
    act: (w, view) => {
      const name = w.open('pipe');
      const other = w.open('pipe');
      w.say(view, SET, { with: SAVE, fds: [`${name}.w`, `${other}.w`], channel: `${name}.r` });
      drop(w, name);
      drop(w, other);
      look(w, view);
    },
  },
  {
    ...base,
    name: 'descriptors where none belong',
    weight: 1.2,
    when: (_, view) => isUp(view),
    act: (w, view) => {
      const name = w.open(w.dice.pick(['eventfd', 'memfd']));
      const list = [
        'GET_FEATURES',
        'SET_OWNER',
        'SET_VRING_NUM',
        'CHECK_DEVICE_STATE',
        'GET_PROTOCOL_FEATURES',
        'GET_VRING_BASE',
      ] as const;
      const message = w.rarest(view, list, (one) => `${one} extra-fds`);
      const count = w.dice.pick([1, 1, 2, 8, 9, 253]);
      w.say(view, message, { fds: Array.from({ length: count }, () => name), ...maybeAck(w, view, 0.3) });
      w.close(name);
      look(w, view);
    },
  },
  {
    ...base,
    name: 'a ring event with none or many',
    label: 'SET_VRING_KICK no-fd',
    when: (_, view) => isUp(view),
    act: (w, view) => {
      const message = `SET_VRING_${w.dice.pick(['KICK', 'CALL', 'ERR'])}`;
      const name = w.open(w.dice.pick(['eventfd', 'eventfd', 'memfd', 'directory']));
      const count = w.dice.pick([0, 0, 2, 9]);
      const value = count > 0 && w.dice.chance(0.4) ? 0x100 : 0;
      w.say(view, message, { with: { value }, fds: Array.from({ length: count }, () => name), ...maybeAck(w, view) });
      w.close(name);
      look(w, view);
    },
  },
  {
    ...base,
    name: 'a memory table with too few or too many',
    label: 'SET_MEM_TABLE',
    weight: 0.7,
    when: (_, view) => isUp(view),
    act: (w, view) => {
      const name = w.open(w.dice.pick(['memfd', 'memfd', 'directory', 'eventfd']), {});
      const regions = [{ guest: '0x100000', size: '0x1000', user: '0x7f0000100000', offset: 0 }];
      w.say(view, 'SET_MEM_TABLE', {
        with: { regions },
        fds: Array.from({ length: w.dice.pick([0, 2, 9]) }, () => name),
        ...maybeAck(w, view),
      });
      w.close(name);
      look(w, view);
    },
  },
  odd('the wrong end of a pipe', 1.5, (w, save) => {
    const name = w.open('pipe');
    const [ours, theirs] = endsOf(name, 'pipe', save);
    return [theirs, ours, 'pipe'];
  }),
  odd('a pipe whose other end is closed', 1.5, (w, save) => {
    const name = w.open('pipe');
    const [ours, theirs] = endsOf(name, 'pipe', save);
    w.close(ours);
    return [ours, theirs, 'pipe'];
  }),
  odd('a socket pair whose other end is closed', 1, (w) => {
    const name = w.open('socketpair');
    w.close(`${name}.a`);
    return [`${name}.a`, `${name}.b`, 'socketpair'];
  }),
  odd('a directory', 1, (w) => single(w, 'directory')),
  odd('the null device', 0.7, (w) => single(w, 'null')),
  odd('an eventfd', 0.7, (w) => single(w, 'eventfd')),
  odd('an empty file', 0.7, (w) => single(w, 'memfd')),
  {
    name: 'a channel that is full',
    kind: 'odd-channel',
    mood: 'hostile',
    weight: 0.7,
    label: SET,
    when: (w, view) => mayTransfer(view) && w.room > 7 && !w.profile.ownChannel,
    act: (w, view) => {
      const name = w.open('pipe', { size: 4096 });
      w.pour(`${name}.w`, 4096);
      handOver(w, view, true, name, 'pipe', `${name}.r`, `${name}.w`);
      w.close(`${name}.w`);
      if (view.channel !== undefined) view.channel.tapped = true;
      w.barrier(view);
      if (transferring(view.state)) finish(w, view);
      else drop(w, name);
    },
  },
];

function single(w: World, kind: 'directory' | 'null' | 'eventfd' | 'memfd'): readonly [string, string, ObjectKind] {
  const name = w.open(kind);
  return [name, name, kind];
}
