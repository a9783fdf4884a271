import { may, must, section, should } from './clause.js';

/** Communication: who speaks, who answers, and when a connection ends. */
export const communication = [
  ...section('Introduction', [
    may('communication.either-listens', 'both', 'Either side may listen on the socket, and the other one connects.'),
  ]),
  ...section('Communication', [
    must(
      'communication.listed-replies',
      'back-end',
      'A request that the source lists as having a reply gets one without asking for it.',
    ),
    must(
      'communication.no-unasked-reply',
      'back-end',
      'A request that has no reply of its own and does not ask for one is not answered.',
    ),
    must(
      'communication.order',
      'back-end',
      'Of two requests that have replies, the one that was sent first is answered first.',
    ),
    should(
      'communication.close',
      'back-end',
      'A back-end closes the connection only in exceptional circumstances, and not over a parameter that it could refuse with an error value.',
    ),
    must(
      'communication.descriptors',
      'front-end',
      'Descriptors come only with the messages that the source names for it.',
    ),
    must(
      'communication.front-end-closes',
      'front-end',
      'A front-end that cannot send a message whole, or gets a wrong reply, closes the connection.',
    ),
    may('communication.reconnect', 'both', 'A connection that was closed may be made again.'),
    must(
      'communication.gated',
      'both',
      'An extension of the protocol is used only when the feature bit that belongs to it is negotiated.',
    ),
    must(
      'communication.old-front-end',
      'back-end',
      'A front-end that never negotiates protocol features is served as well.',
    ),
    must(
      'fragments.whole-stream',
      'back-end',
      'A message that arrives in pieces, or together with the next one, means the same as one that arrives by itself.',
    ),
    must(
      'features.only-offered',
      'back-end',
      'A feature bit that the back-end did not offer does not count as negotiated, whatever the front-end sets.',
    ),
    must(
      'features.unknown-safe',
      'back-end',
      'A request with an unknown number ends in an error reply or a closed connection at worst, and the back-end lives on.',
    ),
  ]),
];
