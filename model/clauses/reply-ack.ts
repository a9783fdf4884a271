import { must, section } from './clause.js';

/** VHOST_USER_PROTOCOL_F_REPLY_ACK: asking for an answer. */
export const replyAck = section('VHOST_USER_PROTOCOL_F_REPLY_ACK', [
  must(
    'reply-ack.answer',
    'back-end',
    'With REPLY_ACK negotiated, a message that asks for a reply gets a number: 0 when it worked, another one when not.',
  ),
  must('reply-ack.truth', 'back-end', 'A message that failed is not acknowledged with 0.'),
  must(
    'reply-ack.no-change',
    'back-end',
    'Asking for a reply changes nothing for a message that has one anyway: it gets that one, once.',
  ),
]);
