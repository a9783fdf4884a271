import { may, must, section, should } from './clause.js';

/** Migration: the dirty log, and what postcopy needs. */
export const migration = section('Migration', [
  may('log.announce', 'back-end', 'A back-end that can mark what it writes may offer LOG_ALL.'),
  must(
    'log.marks-writes',
    'back-end',
    'While logging is on, every page that the back-end writes through a descriptor of a ring is marked.',
  ),
  must(
    'log.marks-used',
    'back-end',
    "Writes to a ring's used part are marked, from the log address given for the ring, when the ring is flagged for it.",
  ),
  must(
    'log.after-stop',
    'back-end',
    'Once the rings have stopped nothing more is marked, for nothing more is written.',
  ),
  must(
    'log.switch',
    'back-end',
    'Logging can be turned on and off with SET_FEATURES and SET_VRING_ADDR while rings run, and they run on undisturbed.',
  ),
  must(
    'log.layout',
    'back-end',
    'The log has one bit for each page of 4096 bytes from guest address 0 on, lowest bit first, at the offset that came with its descriptor.',
  ),
  must('log.atomic', 'back-end', 'Bits are set in the log with atomic operations.'),
  should('log.covers-guest', 'front-end', 'The log is large enough for every guest address that the back-end knows.'),
  must('log.covers-used', 'front-end', "The last byte of a ring's used part has its bit inside the log."),
  must('log.rings-stopped', 'front-end', 'At the end of a migration the source stops its rings.'),
  must(
    'postcopy.no-early-access',
    'back-end',
    'In postcopy a back-end keeps off pages whose content has not arrived yet.',
  ),
]);
