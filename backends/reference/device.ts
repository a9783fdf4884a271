/** The device behind one connection: its configuration space, its status, and the state that travels. */

import { CONFIG_READ_ONLY, CONFIG_SIZE } from './offer.js';
import type { Faults } from './sabotage.js';
import type { DeviceState } from './state.js';

/** Write access of the driver, or of the front-end that migrates. */
export type ConfigAccess = 'driver' | 'migration';

export class Device {
  readonly #initial: DeviceState;
  readonly #faults: Faults;
  #state: DeviceState;
  /** The virtio device status, 0 to 255. */
  status = 0;

  /** @param identity of a device that nothing was loaded into. @param fillerSize bytes of state beside the fixed fields. */
  constructor(identity: bigint, fillerSize: number, faults: Faults) {
    const config = new Uint8Array(CONFIG_SIZE);
    config.fill(0xa5, CONFIG_READ_ONLY);
    this.#initial = { identity, changes: 0, saves: 0, config, fillerSize };
    this.#faults = faults;
    this.#state = copy(this.#initial);
  }

  /** What is to be saved, as it is now. */
  snapshot(): DeviceState {
    return copy(this.#state);
  }

  /** Become what was loaded. */
  adopt(state: DeviceState): void {
    if (this.#faults.has('load-does-nothing')) return;
    this.#state = copy(state);
    if (this.#faults.has('load-loses-config')) this.#state.config.fill(0, 0, CONFIG_READ_ONLY);
    if (this.#faults.has('load-loses-identity')) this.#state.identity = this.#initial.identity;
    if (this.#faults.has('load-counts')) this.#state.changes++;
  }

  /** Back to the state of a device that has just been started. */
  reset(): void {
    this.status = 0;
    if (this.#faults.has('reset-keeps-state')) return;
    this.#state = copy(this.#initial);
  }

  /** Lose what was configured: nothing that a conformant back-end does by itself. */
  forget(): void {
    this.#state = copy(this.#initial);
  }

  /** Note that a save went through. */
  noteSave(): void {
    this.#state.saves++;
  }

  /** Bytes of the configuration space; undefined where it does not reach so far. */
  readConfig(offset: number, size: number): Uint8Array | undefined {
    if (size === 0 || offset + size > CONFIG_SIZE) return undefined;
    return this.#state.config.slice(offset, offset + size);
  }

  /** @returns false, and writes nothing, where the space does not reach so far or is read-only to the writer. */
  writeConfig(offset: number, bytes: Uint8Array, access: ConfigAccess): boolean {
    const end = access === 'driver' ? CONFIG_READ_ONLY : CONFIG_SIZE;
    if (bytes.length === 0 || offset + bytes.length > end) return false;
    this.#state.config.set(bytes, offset);
    this.#state.changes = (this.#state.changes + 1) >>> 0;
    return true;
  }
}

const copy = (state: DeviceState): DeviceState => ({ ...state, config: state.config.slice() });
