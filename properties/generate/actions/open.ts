/** What the source leaves open: the open questions, one by one. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { maybeAck, setFeatures } from '../parts/negotiation.js';
import {
  begin,
  check,
  closeChannel,
  finish,
  finishSave,
  isFile,
  isUp,
  mayTransfer,
  someChannel,
} from '../parts/transfer.js';
import { negotiated, type View, type World } from '../world.js';
import { running } from './transfer.js';

const SET = 'SET_DEVICE_STATE_FD';
const CHECK = 'CHECK_DEVICE_STATE';
const base = { mood: 'open', weight: 1 } as const;

const hasFeature = (view: View): boolean => isUp(view) && negotiated(view, 'DEVICE_STATE');

/** Something that starts the device or the session anew, while a transfer runs. */
const disturb = (name: string, label: string, when: Action['when'], act: (w: World, view: View) => void): Action => ({
  ...base,
  name,
  kind: 'disturb',
  weight: 1.2,
  label,
  when: (w, view) => running(w, view) && when(w, view),
  act: (w, view) => {
    act(w, view);
    if (w.dice.chance(0.6) && view.channel !== undefined) finish(w, view);
  },
});

export const open: readonly Action[] = [
  {
    ...base,
    name: 'check without a transfer, or again',
    kind: 'check',
    label: CHECK,
    when: (_, view) => hasFeature(view) && !transferring(view.state),
    act: (w, view) => check(w, view, maybeAck(w, view, 0.2)),
  },
  {
    ...base,
    name: 'check before the end',
    kind: 'check',
    weight: 1.5,
    label: CHECK,
    when: (w, view) =>
      running(w, view) && view.state.end === 'open' && !isFile(view.channel!.kind) && !view.checking && w.room > 5,
    act: (w, view) => {
      check(w, view);
      const { channel } = view;
      if (w.dice.chance(0.35)) w.say(view, 'GET_FEATURES', { later: true });
      if (channel === undefined) return;
      if (channel.save) w.readAll(view);
      else if (w.saved.length > 0 && w.dice.chance(0.7)) w.write(view, { state: w.dice.pick(w.saved).name }, 'valid');
      closeChannel(w, view);
      w.awaitAll(view);
    },
  },
  {
    ...base,
    name: 'set while a transfer runs',
    kind: 'disturb',
    weight: 1.2,
    label: SET,
    when: (w, view) => hasFeature(view) && running(w, view) && w.room > 6,
    act: (w, view) => {
      const before = view.channel!;
      begin(w, view, w.dice.chance(0.5), someChannel(w, true));
      if (view.channel !== before) w.close(before.ours);
      if (w.dice.chance(0.8)) finish(w, view);
    },
  },
  {
    ...base,
    name: 'transfer with started rings',
    kind: 'save',
    weight: 1,
    label: SET,
    when: (w, view) => hasFeature(view) && !mayTransfer(view) && !transferring(view.state) && w.room > 6,
    act: (w, view) => {
      if (begin(w, view, true)) finishSave(w, view);
      else closeChannel(w, view);
    },
  },
  disturb(
    'reset during a transfer',
    'RESET_DEVICE',
    (_, view) => negotiated(view, 'RESET_DEVICE'),
    (w, view) => {
      w.say(view, 'RESET_DEVICE', maybeAck(w, view));
    },
  ),
  disturb(
    'status 0 during a transfer',
    'SET_STATUS',
    (_, view) => negotiated(view, 'STATUS'),
    (w, view) => {
      w.say(view, 'SET_STATUS', { with: { value: 0 }, ...maybeAck(w, view) });
    },
  ),
  disturb(
    'features during a transfer',
    'SET_FEATURES',
    (_, view) => view.state.protocolBit !== 'unknown',
    (w, view) => setFeatures(w, view, { logAll: w.dice.chance(0.4) }),
  ),
  disturb(
    'owner during a transfer',
    'SET_OWNER',
    () => true,
    (w, view) => {
      w.say(view, 'SET_OWNER', maybeAck(w, view));
    },
  ),
  {
    ...base,
    name: 'load with something behind it',
    kind: 'trailing',
    weight: 1.5,
    label: 'write trailing',
    when: (w, view) => mayTransfer(view) && w.saved.length > 0 && w.room > 7,
    act: (w, view) => {
      if (!begin(w, view, false)) return closeChannel(w, view);
      w.write(view, { state: w.dice.pick(w.saved).name }, 'valid');
      w.write(view, w.dice.chance(0.5) ? { hex: '00' } : { pattern: w.dice.pick([1, 100, 5000]) }, 'trailing');
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    ...base,
    name: 'load nothing',
    kind: 'trailing',
    weight: 1,
    label: 'close',
    when: (w, view) => mayTransfer(view) && w.room > 5,
    act: (w, view) => {
      if (!begin(w, view, false, w.dice.chance(0.7) ? {} : { kind: 'socketpair' })) return closeChannel(w, view);
      closeChannel(w, view);
      check(w, view);
    },
  },
  {
    ...base,
    name: 'leave the channel',
    kind: 'abandon',
    label: 'close',
    when: (w, view) => running(w, view) && !isFile(view.channel!.kind) && view.state.transfer === 'save',
    act: (w, view) => {
      w.close(view.channel!.ours);
      if (w.dice.chance(0.7)) check(w, view);
    },
  },
  {
    ...base,
    name: 'shut the channel down',
    kind: 'abandon',
    weight: 2,
    label: 'close',
    when: (w, view) => running(w, view) && view.channel!.kind === 'socketpair' && !w.profile.ownChannel,
    act: (w, view) => {
      w.shutdown(view, w.dice.pick(['read', 'write', 'both']));
      if (w.dice.chance(0.6)) {
        closeChannel(w, view);
        check(w, view);
      }
    },
  },
  {
    ...base,
    name: 'ask for an acknowledgement of 42 or 43',
    kind: 'need-reply',
    label: SET,
    when: (w, view) => mayTransfer(view) && negotiated(view, 'REPLY_ACK') && !view.doubted && w.room > 6,
    act: (w, view) => {
      const extra = { needReply: true } as const;
      if (!begin(w, view, true, { extra })) return closeChannel(w, view);
      w.readAll(view);
      closeChannel(w, view);
      check(w, view, w.dice.chance(0.5) ? extra : {});
    },
  },
  {
    ...base,
    name: 'reset the owner',
    kind: 'negotiation',
    weight: 0.4,
    label: 'RESET_OWNER',
    when: (_, view) => isUp(view) && view.state.owner === 'yes',
    act: (w, view) => {
      w.say(view, 'RESET_OWNER');
      w.barrier(view);
    },
  },
];
