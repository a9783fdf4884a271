/** SET_MEM_TABLE, ADD_MEM_REG, REM_MEM_REG, the dirty log, the inflight area. */
import type { Action } from '../action.js';
import { maybeAck, setFeatures } from '../parts/negotiation.js';
import { isQuiet, ringsOf, shareMemory, unshareMemory } from '../parts/rings.js';
import { isUp } from '../parts/transfer.js';
import { negotiated } from '../world.js';

const base = { mood: 'lawful', weight: 1 } as const;

export const memory: readonly Action[] = [
  {
    ...base,
    name: 'share memory',
    kind: 'memory',
    weight: 2,
    label: (_, view) => (negotiated(view, 'CONFIGURE_MEM_SLOTS') ? 'ADD_MEM_REG' : 'SET_MEM_TABLE'),
    when: (_, view) => isUp(view) && view.state.features !== 'none' && view.regions.length === 0,
    act: (w, view) => shareMemory(w, view),
  },
  {
    ...base,
    name: 'share more memory',
    kind: 'memory',
    weight: 0.5,
    label: 'ADD_MEM_REG',
    when: (_, view) =>
      isUp(view) && negotiated(view, 'CONFIGURE_MEM_SLOTS') && view.regions.length > 0 && view.regions.length < 4,
    act: (w, view) => shareMemory(w, view),
  },
  {
    ...base,
    name: 'take memory back',
    kind: 'memory',
    weight: 0.5,
    label: 'REM_MEM_REG',
    // The first region holds the rings.
    when: (_, view) => isUp(view) && negotiated(view, 'CONFIGURE_MEM_SLOTS') && view.regions.length > 1,
    act: unshareMemory,
  },
  {
    ...base,
    name: 'replace memory',
    kind: 'memory',
    weight: 0.4,
    label: 'SET_MEM_TABLE',
    when: (_, view) =>
      isUp(view) && !negotiated(view, 'CONFIGURE_MEM_SLOTS') && view.regions.length > 0 && isQuiet(view),
    act: (w, view) => {
      shareMemory(w, view);
      // Addresses were those of the memory before.
      for (const ring of view.rings) ring.addressed = false;
    },
  },
  {
    ...base,
    name: 'share a log',
    kind: 'log',
    label: 'SET_LOG_BASE',
    when: (_, view) =>
      view.state.link === 'up' &&
      negotiated(view, 'LOG_SHMFD') &&
      view.state.features !== 'none' &&
      view.regions.length > 0,
    act: (w, view) => {
      const name = w.open('memfd', { size: 4096 });
      w.say(view, 'SET_LOG_BASE', { with: { size: 4096, offset: 0 }, fds: [name] });
      w.barrier(view);
      view.logged = true;
      w.close(name);
      if (w.dice.chance(0.8)) setFeatures(w, view, { logAll: true, without30: view.state.features === 'without-30' });
    },
  },
  {
    ...base,
    name: 'end the log',
    kind: 'log',
    label: 'SET_FEATURES',
    when: (_, view) => view.state.link === 'up' && view.state.logAll === 'yes' && view.state.transfer === 'none',
    act: (w, view) => setFeatures(w, view, { without30: view.state.features === 'without-30' }),
  },
  {
    ...base,
    name: 'ask for the inflight area',
    kind: 'inflight',
    weight: 0.5,
    label: 'GET_INFLIGHT_FD value',
    when: (_, view) => isUp(view) && negotiated(view, 'INFLIGHT_SHMFD'),
    act: (w, view) => {
      const queues = ringsOf(w).length;
      w.say(view, 'GET_INFLIGHT_FD', {
        with: { size: 0, offset: 0, queues, queueSize: 64 },
        ...maybeAck(w, view, 0.2),
      });
    },
  },
];
