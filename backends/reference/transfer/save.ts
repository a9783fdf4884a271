/** Saving: the whole state goes into the channel, however little it takes at a time; the end is told by closing it. */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import type { Faults } from '../sabotage.js';
import { StateWriter } from '../state.js';
import { type Mover, PIECE, type Progress } from './transfer.js';

/** Bytes that the fault `save-cut` leaves out. */
const CUT = 1000;

/** Writes the device as it is when this is made. */
export class Save implements Mover {
  readonly waitsFor = 'writable';
  readonly #device: Device;
  readonly #leavesTrace: boolean;
  readonly #faults: Faults;
  readonly #writer: StateWriter;
  #piece: Uint8Array = new Uint8Array(0);

  /** @param leavesTrace a finished save changes the device (open.save-side-effects). */
  constructor(device: Device, leavesTrace: boolean, faults: Faults) {
    this.#device = device;
    this.#leavesTrace = leavesTrace;
    this.#faults = faults;
    this.#writer = new StateWriter(device.snapshot());
  }

  piece(channel: Descriptor): Progress {
    if (this.#piece.length === 0) this.#piece = this.#next();
    if (this.#piece.length === 0) return 'complete';
    const taken = channel.write(this.#piece);
    this.#piece = this.#piece.subarray(taken);
    if (taken > 0) return 'moved';
    if (this.#faults.has('save-stops-when-full')) return 'complete';
    return this.#faults.has('nonblock-gives-up') && channel.nonblock ? 'failed' : 'wait';
  }

  #next(): Uint8Array {
    const withheld = this.#faults.has('save-cut') ? CUT : 0;
    return this.#writer.next(Math.max(0, Math.min(PIECE, this.#writer.left - withheld)));
  }

  finish(): boolean {
    if (this.#leavesTrace) this.#device.noteSave();
    return !this.#faults.has('check-save-bad');
  }

  fail(): boolean {
    this.#faults.crash('early-close-kills');
    if (this.#faults.has('abandon-resets-config')) this.#device.forget();
    return this.#faults.has('check-abandoned-good');
  }
}
