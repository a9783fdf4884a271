import { must, section, should } from './clause.js';

/** In-band notifications: messages in place of events. */
export const inBand = section('In-band notifications', [
  must(
    'in-band.needs-others',
    'front-end',
    'In-band notifications are negotiated only together with BACKEND_REQ and REPLY_ACK.',
  ),
  should(
    'in-band.close',
    'back-end',
    'SET_PROTOCOL_FEATURES with in-band notifications but without BACKEND_REQ or REPLY_ACK ends in a closed connection.',
  ),
  should('in-band.last-resort', 'both', 'In-band notifications are used only where there is no other way.'),
  must('in-band.acknowledged', 'both', 'An in-band notification asks for a reply, and its sender waits for it.'),
]);
