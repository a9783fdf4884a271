import { may, must, section, should } from '../clause.js';

/** Front-end message types: memory and its log. */
export const memory = [
  ...section('Front-end message types, VHOST_USER_SET_MEM_TABLE', [
    must('memory.table', 'back-end', 'After SET_MEM_TABLE addresses are translated by the regions that it brought.'),
    must('memory.fd-order', 'front-end', 'A memory table brings one descriptor for each region, in the same order.'),
    must(
      'postcopy.table-reply',
      'back-end',
      'In postcopy a memory table is answered with the addresses at which the back-end mapped the regions.',
    ),
    must(
      'postcopy.table-untouched',
      'back-end',
      'When it gives those addresses the back-end has mapped the regions but has not touched them.',
    ),
    must(
      'postcopy.table-acknowledged',
      'front-end',
      'The front-end acknowledges those addresses with an empty memory table, before which no page may be touched.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_LOG_BASE', [
    must(
      'log.base',
      'front-end',
      'With LOG_SHMFD negotiated, SET_LOG_BASE brings size and offset of the log and the descriptor that holds it.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_SET_LOG_FD', [
    may('log.signal', 'back-end', 'A back-end may signal the descriptor of SET_LOG_FD when it has marked pages.'),
  ]),
  ...section('Front-end message types, VHOST_USER_GET_MAX_MEM_SLOTS', [
    should(
      'memory.max-slots',
      'back-end',
      'GET_MAX_MEM_SLOTS is answered with the most regions that can be in use at once.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_ADD_MEM_REG', [
    must('memory.add', 'back-end', 'The region that ADD_MEM_REG brings is mapped and added to those in use.'),
    must('memory.add-one-fd', 'front-end', 'ADD_MEM_REG brings exactly one descriptor.'),
    must(
      'postcopy.add-reply',
      'back-end',
      'In postcopy ADD_MEM_REG is answered with the address at which the region is mapped.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_REM_MEM_REG', [
    must('memory.remove', 'back-end', 'The region that REM_MEM_REG names is unmapped and no longer in use.'),
    must(
      'memory.remove-match',
      'back-end',
      'A region to be removed is known by guest address, user address and size, whatever its offset says.',
    ),
    should('memory.remove-no-fd', 'front-end', 'REM_MEM_REG brings no descriptor.'),
    may('memory.remove-tolerates-fd', 'back-end', 'REM_MEM_REG with one descriptor may be accepted.'),
    must('memory.remove-closes-fd', 'back-end', 'A descriptor that comes with REM_MEM_REG is closed and not used.'),
  ]),
];
