/** Everything that a generated trace can do. */
import type { Action } from '../action.js';
import { comparisons } from './comparisons.js';
import { connection } from './connection.js';
import { damage } from './damage.js';
import { descriptors } from './descriptors.js';
import { device } from './device.js';
import { fragments } from './fragments.js';
import { malformed } from './malformed.js';
import { memory } from './memory.js';
import { negotiation } from './negotiation.js';
import { open } from './open.js';
import { queries } from './query.js';
import { rings } from './rings.js';
import { transfer } from './transfer.js';
import { walks } from './walks.js';

export const actions: readonly Action[] = [
  ...queries,
  ...negotiation,
  ...memory,
  ...rings,
  ...device,
  ...transfer,
  ...walks,
  ...comparisons,
  ...open,
  ...connection,
  ...damage,
  ...malformed,
  ...descriptors,
  ...fragments,
];
