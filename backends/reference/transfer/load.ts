/** Loading: everything up to the end of file is read, however it is cut; what is valid becomes the device. */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import { StateReader, type Verdict } from '../state.js';
import { type Mover, PIECE, type Progress } from './transfer.js';

/** Reads a state and, when all of it is there and valid, makes it the device's. */
export class Load implements Mover {
  readonly waitsFor = 'readable';
  readonly #device: Device;
  readonly #accepted: ReadonlySet<Verdict>;
  readonly #reader = new StateReader();

  /** @param accepted the verdicts that are a success (open.trailing-data, open.empty-state). */
  constructor(device: Device, accepted: ReadonlySet<Verdict>) {
    this.#device = device;
    this.#accepted = accepted;
  }

  piece(channel: Descriptor): Progress {
    const bytes = channel.read(PIECE);
    if (bytes === 'end') return 'succeeded';
    if (bytes === 'again') return 'wait';
    this.#reader.push(bytes);
    return 'moved';
  }

  finish(): boolean {
    const verdict = this.#reader.verdict();
    if (!this.#accepted.has(verdict)) return false;
    // An empty state, where it counts as one, is that of a device to which nothing has happened yet.
    if (verdict !== 'empty') this.#device.adopt(this.#reader.state());
    return true;
  }

  fail(): void {}
}
