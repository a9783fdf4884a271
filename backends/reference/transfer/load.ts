/** Loading: everything up to the end of file is read, however it is cut; what is valid becomes the device. */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import type { FaultName } from '../faults.js';
import type { Faults } from '../sabotage.js';
import { StateReader, type Verdict } from '../state.js';
import { type Mover, PIECE, type Progress } from './transfer.js';

/** Which fault lets which bad state pass. */
const forgiving: Partial<Record<Verdict, FaultName>> = {
  truncated: 'check-truncated-good',
  damaged: 'check-damaged-good',
  foreign: 'check-foreign-good',
};

/** Reads a state and, when all of it is there and valid, makes it the device's. */
export class Load implements Mover {
  readonly waitsFor = 'readable';
  readonly #device: Device;
  readonly #accepted: ReadonlySet<Verdict>;
  readonly #faults: Faults;
  readonly #reader = new StateReader();

  /** @param accepted the verdicts that are a success (open.trailing-data, open.empty-state). */
  constructor(device: Device, accepted: ReadonlySet<Verdict>, faults: Faults) {
    this.#device = device;
    this.#accepted = accepted;
    this.#faults = faults;
  }

  piece(channel: Descriptor): Progress {
    const bytes = channel.read(PIECE);
    if (bytes === 'end') return 'complete';
    if (bytes === 'again') return this.#stopsWhenEmpty() ? 'complete' : 'wait';
    this.#reader.push(bytes);
    if (this.#faults.has('load-kept')) this.#faults.lose(bytes);
    return this.#stopsEarly() ? 'complete' : 'moved';
  }

  #stopsWhenEmpty(): boolean {
    return this.#faults.has('load-ends-when-empty') && this.#reader.taken > 0;
  }

  #stopsEarly(): boolean {
    return this.#faults.has('load-one-read') || (this.#faults.has('load-64k') && this.#reader.taken >= 64 * 1024);
  }

  finish(): boolean {
    const verdict = this.#reader.verdict();
    if (verdict === 'empty') this.#faults.crash('empty-load-kills');
    if (!this.#accepted.has(verdict)) return this.#refuse(verdict);
    // An empty state, where it counts as one, is that of a device to which nothing has happened yet.
    if (verdict !== 'empty') this.#device.adopt(this.#reader.state());
    return !this.#faults.has('check-load-bad');
  }

  #refuse(verdict: Verdict): boolean {
    const applies = this.#faults.has('bad-load-applies') && (verdict === 'truncated' || verdict === 'damaged');
    if (applies && this.#reader.hasFields) this.#device.adopt(this.#reader.state());
    const fault = forgiving[verdict];
    return fault !== undefined && this.#faults.has(fault);
  }

  fail(): boolean {
    return false;
  }
}
