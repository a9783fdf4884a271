/** Configuration space, status, reset, the back-end channel. */
import { transferring } from '../../../model/session/index.js';
import type { Action } from '../action.js';
import { maybeAck } from '../parts/negotiation.js';
import { isUp, mayTransfer, save } from '../parts/transfer.js';
import { negotiated, type View, type World } from '../world.js';

const base = { mood: 'lawful', weight: 0.8 } as const;

/** GET_CONFIG carries as many bytes as it asks for. */
export const getConfig = (w: World, view: View, size: number, offset = 0): void => {
  w.say(view, 'GET_CONFIG', {
    with: { offset, size, flags: 0, payload: '00'.repeat(size) },
    ...maybeAck(w, view, 0.1),
  });
};

export const setConfig = (w: World, view: View, payload: string, flags: 0 | 1 = 0): void => {
  w.say(view, 'SET_CONFIG', {
    with: { offset: 0, size: payload.length / 2, flags, payload },
    ...maybeAck(w, view, 0.7),
  });
};

const someBytes = (w: World): string =>
  Array.from({ length: w.dice.int(1, 8) }, () => w.dice.int(0, 255).toString(16).padStart(2, '0')).join('');

const hasConfig = (view: View): boolean => isUp(view) && negotiated(view, 'CONFIG');

export const device: readonly Action[] = [
  {
    ...base,
    name: 'read the configuration',
    kind: 'config',
    label: 'GET_CONFIG',
    when: (_, view) => hasConfig(view),
    act: (w, view) => getConfig(w, view, w.dice.int(1, 8), w.dice.pick([0, 0, 0, 4])),
  },
  {
    ...base,
    name: 'write the configuration',
    kind: 'config',
    label: 'SET_CONFIG',
    when: (_, view) => hasConfig(view) && !transferring(view.state),
    act: (w, view) => {
      setConfig(w, view, someBytes(w));
      if (w.dice.chance(0.6)) getConfig(w, view, 8);
    },
  },
  {
    ...base,
    name: 'write the configuration, save, read it',
    kind: 'config',
    weight: 1,
    label: 'SET_CONFIG',
    when: (w, view) => hasConfig(view) && mayTransfer(view) && w.room > 9,
    act: (w, view) => {
      getConfig(w, view, 8);
      setConfig(w, view, someBytes(w));
      save(w, view);
      getConfig(w, view, 8);
    },
  },
  {
    ...base,
    name: 'set a status',
    kind: 'reset',
    label: 'SET_STATUS',
    when: (_, view) => isUp(view) && negotiated(view, 'STATUS') && !transferring(view.state),
    act: (w, view) => {
      w.say(view, 'SET_STATUS', { with: { value: w.dice.pick([1, 3, 11, 15]) }, ...maybeAck(w, view) });
    },
  },
  {
    ...base,
    name: 'set status 0 behind the stop',
    kind: 'reset',
    label: 'SET_STATUS',
    when: (_, view) => isUp(view) && negotiated(view, 'STATUS') && mayTransfer(view),
    act: (w, view) => {
      w.say(view, 'SET_STATUS', { with: { value: 0 }, ...maybeAck(w, view) });
    },
  },
  {
    ...base,
    name: 'reset the device',
    kind: 'reset',
    label: 'RESET_DEVICE',
    when: (_, view) => isUp(view) && negotiated(view, 'RESET_DEVICE') && !transferring(view.state),
    act: (w, view) => {
      w.say(view, 'RESET_DEVICE', maybeAck(w, view));
      if (negotiated(view, 'CONFIG') && w.dice.chance(0.5)) getConfig(w, view, 8);
    },
  },
  {
    ...base,
    name: 'give a back-end channel',
    kind: 'backend-channel',
    label: 'SET_BACKEND_REQ_FD',
    when: (_, view) => isUp(view) && negotiated(view, 'BACKEND_REQ') && (!view.backendChannel || view.connections > 2),
    act: (w, view) => {
      const name = w.open('socketpair');
      const asked = maybeAck(w, view);
      w.say(view, 'SET_BACKEND_REQ_FD', { fds: [`${name}.b`], ...asked });
      // Whether this is answered unasked is open.
      if (asked.needReply === undefined) w.barrier(view);
      w.close(`${name}.b`);
      view.backendChannel = true;
    },
  },
];
