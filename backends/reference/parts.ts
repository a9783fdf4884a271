/** Everything that one connection has and its messages work on. */
import type { Device } from './device.js';
import type { Holder, MemoryTable } from './memory.js';
import type { Negotiation } from './negotiation.js';
import type { Rings } from './rings.js';
import type { Faults } from './sabotage.js';
import type { TransferDesk } from './transfer/desk.js';
import type { Variants } from './variants.js';

/** The parts of one connection's device. */
export interface Parts {
  readonly negotiation: Negotiation;
  readonly rings: Rings;
  readonly memory: MemoryTable;
  readonly logArea: Holder;
  readonly logSignal: Holder;
  readonly inflight: Holder;
  /** The channel for messages to the front-end. */
  readonly backendChannel: Holder;
  readonly device: Device;
  readonly desk: TransferDesk;
  readonly variants: Variants;
  readonly faults: Faults;
  /** Bring an own channel in place of the front-end's. */
  readonly ownChannel: boolean;
}
