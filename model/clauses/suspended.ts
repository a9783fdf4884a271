import { must, section } from './clause.js';

/** Suspended device state: all rings stopped. */
export const suspended = section('Suspended device state', [
  must('suspended.no-processing', 'back-end', 'A suspended device takes nothing from any ring.'),
  must('suspended.no-memory-write', 'back-end', "A suspended device leaves the guest's memory as it is."),
  must('suspended.no-notify', 'back-end', 'A suspended device does not signal the guest.'),
  must('suspended.no-message', 'back-end', 'A suspended device sends the front-end nothing that was not asked for.'),
  must(
    'suspended.answers',
    'back-end',
    'A suspended device still handles and answers messages, also while its state is being transferred.',
  ),
]);
