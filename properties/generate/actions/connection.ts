/** Disconnect, reconnect, further back-ends, pipelines, waiting. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { negotiate } from '../parts/negotiation.js';
import { ringsOf, setEvent, setUp, stopAll } from '../parts/rings.js';
import { begin, finish, isConnected, isUp, mayTransfer, save } from '../parts/transfer.js';
import { negotiated, type View, type World } from '../world.js';

const base = { mood: 'lawful', weight: 0.5 } as const;

function comeBack(w: World, view: View): void {
  w.connect(view);
  if (w.dice.chance(0.85)) negotiate(w, view);
  else w.barrier(view);
}

export const connection: readonly Action[] = [
  {
    ...base,
    name: 'leave and come back',
    kind: 'connection',
    weight: 1,
    when: (w, view) => w.profile.survivesDisconnect && isUp(view) && !transferring(view.state) && w.room > 8,
    act: (w, view) => {
      w.disconnect(view);
      comeBack(w, view);
      if (w.dice.chance(0.5) && mayTransfer(view) && w.room > 6) save(w, view);
    },
  },
  {
    ...base,
    name: 'leave in the middle of a transfer',
    kind: 'connection',
    mood: 'open',
    weight: 1,
    when: (w, view) => isUp(view) && transferring(view.state) && w.room > 8,
    act: (w, view) => {
      const { channel } = view;
      w.disconnect(view);
      if (channel !== undefined && w.dice.chance(0.7)) {
        w.close(channel.theirs);
        if (channel.ours !== channel.theirs) w.close(channel.ours);
      }
      if (!w.profile.survivesDisconnect) return;
      comeBack(w, view);
      if (w.dice.chance(0.6) && mayTransfer(view) && w.room > 6) save(w, view);
    },
  },
  {
    ...base,
    name: 'come back',
    kind: 'connection',
    weight: 8,
    when: (w, view) => view.state.link === 'left' && w.profile.survivesDisconnect && w.room > 6,
    act: comeBack,
  },
  {
    ...base,
    name: 'give up on a check',
    kind: 'negotiation',
    mood: 'open',
    weight: 20,
    when: (_, view) => isConnected(view) && view.checking,
    act: (w, view) => {
      w.disconnect(view);
      if (w.profile.survivesDisconnect && w.dice.chance(0.8)) comeBack(w, view);
    },
  },
  {
    ...base,
    name: 'leave for good',
    kind: 'connection',
    mood: 'open',
    weight: 0.15,
    when: (w, view) => isUp(view) && (w.sessions.length > 1 || w.steps.length > 12),
    act: (w, view) => {
      w.disconnect(view);
      if (w.hostile && w.dice.chance(0.2)) w.connect(view);
    },
  },
  {
    ...base,
    name: 'start another',
    kind: 'connection',
    weight: 0.5,
    when: (w) => w.sessions.length < 3 && w.room > 8 && w.steps.length > 5,
    act: (w) => {
      const view = w.start();
      if (w.dice.chance(0.9)) negotiate(w, view);
    },
  },
  {
    ...base,
    name: 'ask several things at once',
    kind: 'pipeline',
    weight: 1,
    when: (_, view) => isUp(view) && view.state.protocolBit === 'offered' && view.pending === 0,
    act: (w, view) => {
      const names = ['GET_FEATURES', 'GET_PROTOCOL_FEATURES', ...(negotiated(view, 'STATUS') ? ['GET_STATUS'] : [])];
      const count = w.dice.int(2, 5);
      for (let i = 0; i < count; i++) w.say(view, w.dice.pick(names), { later: true });
      w.awaitAll(view);
    },
  },
  {
    ...base,
    name: 'do not wait for the channel',
    kind: 'pipeline',
    weight: 0.7,
    label: 'SET_DEVICE_STATE_FD',
    // State bytes may be read before the reply is; the back-end's own channel would come too late.
    when: (w, view) => mayTransfer(view) && !w.profile.ownChannel && view.pending === 0 && w.room > 9,
    act: (w, view) => {
      if (!transferWithout(w, view)) return;
      w.readAll(view);
      if (w.dice.chance(0.5)) w.awaitAll(view);
      w.close(view.channel!.ours);
      w.say(view, 'CHECK_DEVICE_STATE');
    },
  },
  {
    ...base,
    name: 'wait for what is due',
    kind: 'pipeline',
    weight: 6,
    when: (_, view) => isUp(view) && view.pending > 0,
    act: (w, view) => w.awaitAll(view),
  },
  {
    ...base,
    name: 'watch the suspended device',
    kind: 'linger',
    weight: 0.08,
    when: (_, view) => isUp(view) && view.state.transfer !== 'none',
    act: (w) => w.linger(w.dice.int(30, 100)),
  },
  {
    ...base,
    name: 'watch for notifications that come late',
    kind: 'linger',
    weight: 0.8,
    when: (w, view) => mayTransfer(view) && view.state.link === 'up' && w.room > 7,
    act: (w, view) => {
      const index = w.dice.pick(ringsOf(w));
      // Who stops a ring that never ran wants to know what is open: a closed connection may be the answer.
      if (view.state.features !== 'none' && view.regions.length > 0 && w.room > 14) {
        setUp(w, view, index);
        stopAll(w, view);
      } else {
        setEvent(w, view, 'CALL', index);
        if (!w.lawful && w.dice.chance(0.5)) w.say(view, 'GET_VRING_BASE', { with: { index, num: 0 } });
      }
      if (mayTransfer(view) && w.dice.chance(0.5)) begin(w, view, true);
      w.linger(w.dice.int(40, 80));
      if (transferring(view.state)) finish(w, view);
    },
  },
];

function transferWithout(w: World, view: View): boolean {
  const name = w.open('pipe');
  w.say(view, 'SET_DEVICE_STATE_FD', {
    with: { direction: 0, phase: 0 },
    fds: [`${name}.w`],
    channel: `${name}.r`,
    later: true,
  });
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
  w.close(`${name}.w`);
  return transferring(view.state);
}
