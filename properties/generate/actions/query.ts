/** Questions, which a back-end answers at any time. */
import type { Action } from '../action.js';
import { maybeAck, offers } from '../parts/negotiation.js';
import { isUp } from '../parts/transfer.js';
import { negotiated } from '../world.js';

const query = (
  name: string,
  when: Action['when'] = () => true,
  fields?: () => Readonly<Record<string, number>>,
): Action => ({
  name: `ask ${name}`,
  kind: 'query',
  mood: 'lawful',
  weight: 0.5,
  label: name,
  when: (w, view) => isUp(view) && when(w, view),
  act: (w, view) => {
    w.say(view, name, { ...(fields === undefined ? {} : { with: fields() }), ...maybeAck(w, view, 0.25) });
  },
});

export const queries: readonly Action[] = [
  query('GET_FEATURES'),
  query('GET_PROTOCOL_FEATURES', (_, { state }) => state.protocolBit === 'offered'),
  query('GET_QUEUE_NUM', (w, { state }) => offers(w, 'MQ') && state.asked === 'yes'),
  query('GET_STATUS', (_, view) => negotiated(view, 'STATUS')),
  query('GET_MAX_MEM_SLOTS', (_, view) => negotiated(view, 'CONFIGURE_MEM_SLOTS')),
];
