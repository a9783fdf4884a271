import { may, must, section, should } from './clause.js';

/** Multiple queue support. */
export const multipleQueues = section('Multiple queue support', [
  should('queues.offer-mq', 'back-end', 'Every back-end offers MQ, also one whose number of rings is fixed.'),
  must(
    'queues.no-reliance',
    'front-end',
    'A front-end does not depend on MQ for a device whose number of rings is fixed.',
  ),
  should('queues.within-maximum', 'front-end', 'A front-end uses no more rings than GET_QUEUE_NUM tells it.'),
  must('queues.own-index', 'front-end', 'Each ring goes by an index of its own in all messages of a connection.'),
  may('queues.first-pair-enabled', 'back-end', 'A network device may have its first pair of rings enabled by itself.'),
]);
