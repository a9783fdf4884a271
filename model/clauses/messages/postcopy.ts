import { must, section } from '../clause.js';

/** Front-end message types: postcopy. */
export const postcopy = [
  ...section('Front-end message types, VHOST_USER_POSTCOPY_ADVISE', [
    must('postcopy.gated', 'front-end', 'The messages of postcopy are sent only where PAGEFAULT is supported.'),
    must('postcopy.advise', 'back-end', 'POSTCOPY_ADVISE is answered with a new userfault descriptor.'),
  ]),
  ...section('Front-end message types, VHOST_USER_POSTCOPY_LISTEN', [
    must('postcopy.order', 'front-end', 'POSTCOPY_LISTEN comes after POSTCOPY_ADVISE, and POSTCOPY_END after both.'),
    must('postcopy.listen', 'back-end', 'After POSTCOPY_LISTEN a page of shared memory that is not there yet faults.'),
  ]),
  ...section('Front-end message types, VHOST_USER_POSTCOPY_END', [
    must('postcopy.end', 'back-end', 'POSTCOPY_END turns faulting off and is answered with 0 when that worked.'),
  ]),
];
