/** Saving: the whole state goes into the channel, however little it takes at a time; the end is told by closing it. */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import { StateWriter } from '../state.js';
import { type Mover, PIECE, type Progress } from './transfer.js';

/** Writes the device as it is when this is made. */
export class Save implements Mover {
  readonly waitsFor = 'writable';
  readonly #device: Device;
  readonly #leavesTrace: boolean;
  readonly #writer: StateWriter;
  #piece: Uint8Array = new Uint8Array(0);

  /** @param leavesTrace a finished save changes the device (open.save-side-effects). */
  constructor(device: Device, leavesTrace: boolean) {
    this.#device = device;
    this.#leavesTrace = leavesTrace;
    this.#writer = new StateWriter(device.snapshot());
  }

  piece(channel: Descriptor): Progress {
    if (this.#piece.length === 0) this.#piece = this.#writer.next(PIECE);
    if (this.#piece.length === 0) return 'succeeded';
    const taken = channel.write(this.#piece);
    this.#piece = this.#piece.subarray(taken);
    return taken === 0 ? 'wait' : 'moved';
  }

  finish(): boolean {
    if (this.#leavesTrace) this.#device.noteSave();
    return true;
  }

  fail(): void {}
}
