import { must, section, should } from '../clause.js';

/** Front-end message types: rings. */
export const rings = [
  ...section('Front-end message types, VHOST_USER_SET_VRING_NUM', [
    must('rings.size', 'back-end', 'A ring has as many entries as SET_VRING_NUM said last.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_ADDR', [
    must('rings.addresses', 'back-end', 'A ring lies where SET_VRING_ADDR said last.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_BASE', [
    must(
      'rings.base-honoured',
      'back-end',
      'Processing begins at the index that SET_VRING_BASE gave, and for a split ring the used index is read from memory.',
    ),
    must('rings.base-packed-honoured', 'back-end', 'For a packed ring both indices come from SET_VRING_BASE.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_VRING_BASE', [
    must(
      'rings.base-returned',
      'back-end',
      'GET_VRING_BASE answers with the index of the next buffer to process, which counts exactly what was processed.',
    ),
    must('rings.base-packed-returned', 'back-end', 'For a packed ring GET_VRING_BASE answers with both indices.'),
    must('rings.base-num-zero', 'front-end', 'The number in a GET_VRING_BASE request is 0.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_KICK', [
    must('rings.kick-fd', 'back-end', 'New buffers are announced on the descriptor that SET_VRING_KICK brought last.'),
    must(
      'rings.kick-polling',
      'back-end',
      'SET_VRING_KICK that says it has no descriptor makes the back-end look at the ring by itself.',
    ),
    must(
      'rings.no-fd-flag',
      'front-end',
      'Bit 8 of SET_VRING_KICK, SET_VRING_CALL and SET_VRING_ERR is set exactly when no descriptor comes with it.',
    ),
    must(
      'rings.kick-preferred',
      'back-end',
      'A kick descriptor is used in place of in-band kicks when both are there.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_CALL', [
    must('rings.call-fd', 'back-end', 'Used buffers are announced on the descriptor that SET_VRING_CALL brought last.'),
    must(
      'rings.call-polling',
      'back-end',
      'SET_VRING_CALL that says it has no descriptor means that the front-end looks by itself and gets no signal.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_ERR', [
    must(
      'rings.err-fd',
      'back-end',
      'Errors of a ring are announced on the descriptor that SET_VRING_ERR brought last.',
    ),
    must(
      'rings.err-preferred',
      'back-end',
      'An error descriptor is used in place of in-band errors when both are there.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_QUEUE_NUM', [
    must('queues.number', 'back-end', 'GET_QUEUE_NUM is answered with the most rings that the back-end supports.'),
    should('queues.number-gated', 'front-end', 'GET_QUEUE_NUM is sent only where the back-end offers MQ.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_ENABLE', [
    should('rings.enable-gated', 'front-end', 'SET_VRING_ENABLE is sent only once bit 30 is negotiated.'),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_VRING_ENDIAN', [
    should('endian.gated', 'front-end', 'SET_VRING_ENDIAN is sent only when CROSS_ENDIAN is negotiated.'),
    must('endian.values', 'front-end', 'The byte order of a ring is 0 for little or 1 for big, and nothing else.'),
    should('endian.both', 'back-end', 'A back-end that negotiated CROSS_ENDIAN can do either byte order.'),
    should('endian.once', 'front-end', 'The byte order of a ring is set once, before the ring starts.'),
  ]),
  ...section('Front-end message types, VHOST_USER_VRING_KICK', [
    must('in-band.kick-gated', 'front-end', 'A kick message is sent only when in-band notifications are negotiated.'),
    must('in-band.kick-num-zero', 'front-end', 'The number in a kick message is 0.'),
  ]),
];
