import { may, must, section, should } from '../clause.js';

/** Front-end message types: features and ownership. */
export const features = [
  ...section('Front-end message types, VHOST_USER_GET_FEATURES', [
    must('features.get', 'back-end', 'GET_FEATURES is answered with the features of the device and of the back-end.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_FEATURES', [
    must('features.set', 'back-end', 'The features that SET_FEATURES sets are in force from then on, and no others.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_PROTOCOL_FEATURES', [
    must(
      'features.protocol-bit',
      'back-end',
      'A back-end that offers bit 30 handles GET_PROTOCOL_FEATURES and SET_PROTOCOL_FEATURES, also before SET_FEATURES.',
    ),
    must(
      'features.protocol-legal',
      'front-end',
      'Protocol features are asked for and set only where the back-end offers bit 30.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_PROTOCOL_FEATURES', [
    must(
      'features.protocol-set',
      'back-end',
      'The protocol features that SET_PROTOCOL_FEATURES sets are in force from then on, whether bit 30 is acknowledged or not.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_OWNER', [
    must('owner.first', 'front-end', 'SET_OWNER is sent on every new connection.'),
    may('owner.session-start', 'back-end', 'A back-end may take SET_OWNER as the beginning of a session.'),
  ]),
  ...section('Front-end message types, VHOST_USER_RESET_OWNER', [
    should(
      'owner.reset-harmless',
      'back-end',
      'RESET_OWNER is ignored or disables all rings, and the state of the connection outlives it.',
    ),
  ]),
];
