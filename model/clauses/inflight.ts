import { must, section } from './clause.js';

/** Inflight I/O tracking: the shared buffer that outlives a back-end. */
export const inflight = section('Inflight I/O tracking', [
  must(
    'inflight.buffer',
    'back-end',
    'A back-end that works out of order keeps a shared buffer of its open requests, one region for each ring.',
  ),
  must(
    'inflight.version',
    'back-end',
    'A region of the buffer has version 1, and version 0 means that it is still unused.',
  ),
  must(
    'inflight.split-taken',
    'back-end',
    'A head that is taken from a split ring gets the next number of the global counter and then its in-flight mark.',
  ),
  must(
    'inflight.split-returned',
    'back-end',
    'Heads that are returned on a split ring are listed as the last batch before the used index moves, and lose their marks after it.',
  ),
  must(
    'inflight.split-reconnect',
    'back-end',
    'When the noted used index of a split ring is behind the real one, the marks of the last batch are cleared on reconnecting.',
  ),
  must(
    'inflight.packed-taken',
    'back-end',
    'A chain that is taken from a packed ring is copied entry by entry into the buffer, its head marked and numbered.',
  ),
  must(
    'inflight.packed-returned',
    'back-end',
    'Chains that are returned on a packed ring go back to the free list before their flags change, and the old positions follow last.',
  ),
  must(
    'inflight.packed-reconnect',
    'back-end',
    'An unfinished return on a packed ring is completed on reconnecting when the guest has seen it, and undone when it has not.',
  ),
  must(
    'inflight.resubmit-order',
    'back-end',
    'Open requests are submitted again in the order in which they were taken.',
  ),
]);
