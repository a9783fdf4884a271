/** The socket is a byte stream: messages in pieces, in one piece, or not whole. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { maybeAck } from '../parts/negotiation.js';
import { begin, check, closeChannel, finishSave, isUp, mayTransfer } from '../parts/transfer.js';
import { type Extra, SAVE, type World } from '../world.js';

const SET = 'SET_DEVICE_STATE_FD';
const base = { mood: 'hostile', kind: 'fragments', weight: 1 } as const;

/** Places in a message of this many bytes. */
function cuts(w: World, length: number): readonly number[] {
  const count = w.dice.pick([1, 1, 1, 1, 2, 2, 3, length - 1]);
  const places = new Set<number>();
  for (let i = 0; i < count; i++)
    places.add(count === length - 1 ? i + 1 : w.dice.pick([1, 4, 8, 11, 12, 13, w.dice.int(1, length - 1)]));
  return [...places].filter((place) => place < length).sort((a, b) => a - b);
}

export const fragments: readonly Action[] = [
  {
    ...base,
    name: 'a question in pieces',
    label: 'GET_FEATURES in pieces',
    when: (_, view) => isUp(view),
    act: (w, view) => {
      w.say(view, w.dice.pick(['GET_FEATURES', 'GET_PROTOCOL_FEATURES']), { cut: cuts(w, 12) });
    },
  },
  {
    ...base,
    name: 'a number in pieces',
    label: 'SET_VRING_NUM in pieces',
    when: (_, view) => isUp(view) && view.state.features !== 'none',
    act: (w, view) => {
      w.say(view, 'SET_VRING_NUM', { with: { index: 0, num: 64 }, cut: cuts(w, 20), ...maybeAck(w, view) });
      w.barrier(view);
    },
  },
  {
    ...base,
    name: 'a transfer in pieces',
    label: `${SET} in pieces`,
    weight: 2,
    when: (w, view) => mayTransfer(view) && w.room > 6,
    act: (w, view) => {
      if (begin(w, view, true, { extra: { cut: cuts(w, 20) } })) finishSave(w, view);
      else closeChannel(w, view);
    },
  },
  {
    ...base,
    name: 'a check in pieces',
    label: 'CHECK_DEVICE_STATE in pieces',
    when: (_, view) => isUp(view) && transferring(view.state) && view.state.end === 'eof',
    act: (w, view) => check(w, view, { cut: cuts(w, 12) }),
  },
  {
    ...base,
    name: 'messages in one piece',
    label: 'GET_FEATURES in pieces',
    weight: 1.5,
    when: (w, view) => isUp(view) && w.room > 4,
    act: (w, view) => {
      const names = ['GET_FEATURES', 'GET_PROTOCOL_FEATURES', 'SET_OWNER', 'GET_FEATURES'];
      const count = w.dice.int(1, 3);
      for (let i = 0; i < count; i++) w.say(view, w.dice.pick(names), { glue: true });
      w.say(view, 'GET_FEATURES', w.dice.chance(0.3) ? { cut: cuts(w, 12) } : {});
    },
  },
  {
    ...base,
    name: 'a transfer glued to others',
    label: `${SET} in pieces`,
    when: (w, view) => mayTransfer(view) && w.room > 7,
    act: (w, view) => {
      const name = w.open('pipe');
      const extra: Extra = { with: SAVE, fds: [`${name}.w`], channel: `${name}.r`, glue: true };
      w.say(view, SET, extra);
      view.channel = {
        save: true,
        name,
        kind: 'pipe',
        ours: `${name}.r`,
        theirs: `${name}.w`,
        written: 'none',
        content: 'unknown',
        tapped: false,
      };
      // The descriptor goes with the first byte, and must be ours until then.
      w.barrier(view);
      w.close(`${name}.w`);
      if (transferring(view.state)) finishSave(w, view);
    },
  },
  {
    ...base,
    name: 'half a message, then gone',
    weight: 0.7,
    when: (w, view) => isUp(view) && w.room > 3,
    act: (w, view) => {
      const whole = w.dice.chance(0.5);
      if (whole) {
        const name = w.open('pipe');
        w.say(view, SET, {
          with: SAVE,
          fds: [`${name}.w`],
          channel: `${name}.r`,
          only: w.dice.pick([1, 8, 12, 16, 19]),
        });
        w.close(`${name}.w`);
        w.close(`${name}.r`);
      } else {
        w.say(view, w.dice.pick(['GET_FEATURES', 'SET_FEATURES', 'CHECK_DEVICE_STATE']), {
          only: w.dice.pick([1, 4, 8, 11]),
        });
      }
      w.disconnect(view);
      if (w.profile.survivesDisconnect && w.dice.chance(0.7)) {
        w.connect(view);
        w.barrier(view);
      }
    },
  },
  {
    ...base,
    name: 'leave what is out of frame',
    weight: 20,
    when: (_, view) => view.state.link === 'wild',
    act: (w, view) => {
      w.disconnect(view);
      if (w.profile.survivesDisconnect && w.dice.chance(0.8)) w.connect(view);
    },
  },
  {
    ...base,
    name: 'do not wait for anything',
    kind: 'pipeline',
    when: (_, view) => isUp(view) && !transferring(view.state),
    act: (w, view) => {
      const count = w.dice.int(2, 6);
      for (let i = 0; i < count; i++)
        w.say(view, w.dice.pick(['GET_FEATURES', 'GET_PROTOCOL_FEATURES', 'CHECK_DEVICE_STATE']), { later: true });
      if (w.dice.chance(0.7)) w.awaitAll(view);
    },
  },
];
