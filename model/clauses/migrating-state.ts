import { must, section, should } from './clause.js';

/** Migrating back-end state: what a transfer is, and what has to come of it. */
export const migratingState = section('Migrating back-end state', [
  must('channel.save-all', 'back-end', 'On a save the back-end writes the whole of its state into the channel.'),
  must(
    'channel.save-eof',
    'back-end',
    'After its last byte the saving back-end closes its end and every copy of it, so that the reader meets the end of file.',
  ),
  must(
    'channel.load-to-eof',
    'back-end',
    'On a load the back-end reads to the end of file, in whatever pieces the bytes come.',
  ),
  must(
    'channel.early-close',
    'back-end',
    'When the other side of the channel closes too early, the transfer has failed and nothing else has.',
  ),
  must(
    'channel.front-end-closes',
    'front-end',
    'On a load the front-end writes all of the state and then closes its end.',
  ),
  must(
    'channel.front-end-reads',
    'front-end',
    'On a save the front-end reads to the end of file and brings what it read to the destination.',
  ),
  must(
    'check.after-eof',
    'front-end',
    'CHECK_DEVICE_STATE is sent once all data has been seen, which the closed channel shows.',
  ),
  must('check.both-sides', 'front-end', 'The transfer is checked on the source and on the destination.'),
  must(
    'check.waits',
    'back-end',
    'CHECK_DEVICE_STATE waits until the outcome is known, which is soon after the channel has ended, and is answered then.',
  ),
  must(
    'outcome.resume-destination',
    'back-end',
    'A device whose state was loaded well goes on where the source stopped, and the driver in the guest has nothing to set up again.',
  ),
  must(
    'outcome.state-equal',
    'back-end',
    'A state that is saved, loaded into a fresh back-end and saved again describes the same device.',
  ),
  must(
    'outcome.resume-source',
    'back-end',
    'A source whose migration failed or was called off goes on as if there had been none.',
  ),
  must(
    'outcome.retry',
    'back-end',
    'After a failed migration a later one works, on the source and on the destination.',
  ),
  should('outcome.failed-load-harmless', 'back-end', 'A load that fails leaves no part of the state behind.'),
  must(
    'outcome.vring-base',
    'back-end',
    'With the ring indices of the source set on the destination no buffer is processed twice and none is lost.',
  ),
  must(
    'outcome.front-end-sets-up',
    'front-end',
    'The front-end sets the destination up like any new connection, with the ring indices that the source had.',
  ),
]);
