import { must, section } from './clause.js';

/** Ring states: stopped or started, disabled or enabled. */
export const ringStates = section('Ring states', [
  must('rings.initial', 'back-end', 'Every ring begins stopped and disabled.'),
  must('rings.start-on-kick', 'back-end', 'A ring starts when its kick descriptor becomes readable.'),
  must(
    'rings.start-in-band',
    'back-end',
    'With in-band notifications negotiated, a ring also starts when the kick message names it.',
  ),
  must(
    'rings.stop',
    'back-end',
    'GET_VRING_BASE stops the ring, and a stopped ring is left alone whether it is enabled or not.',
  ),
  must(
    'rings.enable-tracked',
    'back-end',
    'Enabling or disabling a stopped ring is remembered, and counts once the ring starts.',
  ),
  must('rings.enable-by-message', 'back-end', 'SET_VRING_ENABLE enables or disables the ring that it names.'),
  must('rings.disabled-no-effect', 'back-end', 'A started but disabled ring is processed without any side effect.'),
  must('rings.enabled-processed', 'back-end', 'On a started and enabled ring every request is carried out.'),
  must('rings.reconfigure-live', 'back-end', 'Addresses and descriptors of a ring can change while it runs.'),
  must(
    'features.no-bit-30-enables',
    'back-end',
    'A SET_FEATURES that leaves bit 30 out makes every ring enabled there and then.',
  ),
]);
