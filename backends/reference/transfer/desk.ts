/**
 * The transfers of one connection: which one may begin, what CHECK_DEVICE_STATE answers, and what other messages do to a
 * transfer that runs.
 */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import type { Verdict } from '../state.js';
import type { Variants } from '../variants.js';
import { Load } from './load.js';
import { Save } from './save.js';
import { type Mover, Transfer } from './transfer.js';

/** What happened that may end a running transfer. */
export type Interruption = 'reset' | 'logging';

/** Values of a CHECK_DEVICE_STATE reply. */
const SUCCESS = 0n;
const FAILURE = 1n;

/** Transfers that are checked together: one, unless open.second-set says that both run. */
type Group = Transfer[];

/** Keeps the transfers of one connection. */
export class TransferDesk {
  readonly #device: Device;
  readonly #variants: Variants;
  #group: Group = [];
  /** The transfers that the last CHECK was about. */
  #checked: Group | undefined;
  /** Rings were started since the last transfer began: the front-end went on without asking for the result. */
  #resumed = false;
  /** The answer to the last CHECK, as long as no transfer and no reset followed. */
  #answered: bigint | undefined;
  /** The last result of all. */
  #last: bigint | undefined;

  constructor(device: Device, variants: Variants) {
    this.#device = device;
    this.#variants = variants;
  }

  /** True while the result of a transfer is unknown. */
  get running(): boolean {
    return this.#group.some((t) => t.succeeded === undefined);
  }

  /** Whether a transfer may begin now; makes room for it. */
  admit(): boolean {
    this.#advance();
    const { running } = this;
    const unchecked = this.#group.some((t) => t.succeeded === true) && !this.#resumed;
    const busy = running || unchecked;
    const policy = this.#variants['open.second-set'];
    if (busy && policy === 'refuse') return false;
    if (!busy || policy === 'replace') this.#drop();
    return true;
  }

  #drop(): void {
    for (const transfer of this.#group) transfer.cancel();
    this.#group = [];
  }

  /** Begin a transfer over `channel`, which it takes over. */
  begin(direction: 'save' | 'load', channel: Descriptor): void {
    const transfer = new Transfer(channel, this.#mover(direction), (d) => d.close());
    this.#group = [...this.#group, transfer];
    this.#resumed = false;
    this.#answered = undefined;
    void transfer.run();
  }

  #mover(direction: 'save' | 'load'): Mover {
    if (direction === 'save') return new Save(this.#device, this.#variants['open.save-side-effects'] === 'some');
    const accepted = new Set<Verdict>(['good']);
    if (this.#variants['open.trailing-data'] === 'accept') accepted.add('trailing');
    if (this.#variants['open.empty-state'] === 'accept') accepted.add('empty');
    return new Load(this.#device, accepted);
  }

  /** The answer to CHECK_DEVICE_STATE; a promise where the result has to be waited for. */
  check(): bigint | Promise<bigint> {
    if (this.#group.length === 0) return this.#checkNothing();
    this.#advance();
    if (!this.running) return this.#conclude(this.#group);
    if (this.#variants['open.check-before-eof'] === 'error') return FAILURE;
    const group = this.#group;
    return Promise.all(group.map((t) => t.settled)).then(() => this.#conclude(group));
  }

  #checkNothing(): bigint {
    if (this.#answered !== undefined) return this.#variants['open.check-twice'] === 'same' ? this.#answered : FAILURE;
    switch (this.#variants['open.check-without-set']) {
      case 'success':
        return SUCCESS;
      case 'last':
        return this.#last ?? FAILURE;
      default:
        return FAILURE;
    }
  }

  #conclude(group: Group): bigint {
    if (group === this.#checked) return this.#checkNothing();
    const value = group.every((t) => t.succeeded === true) ? SUCCESS : FAILURE;
    this.#group = this.#group.filter((t) => !group.includes(t));
    this.#checked = group;
    this.#answered = value;
    this.#last = value;
    return value;
  }

  /** A ring was started. */
  resume(): void {
    this.#resumed = true;
  }

  /** A message came that may end a running transfer. @returns false where the message itself has to be refused. */
  interrupt(why: Interruption): boolean {
    this.#advance();
    if (!this.running) return true;
    const policy =
      why === 'logging'
        ? this.#variants['open.log-all'] === 'cancel'
          ? 'cancel'
          : 'continue'
        : this.#variants['open.reset-during-transfer'];
    if (policy === 'refuse') return false;
    if (policy === 'cancel') for (const transfer of this.#group) transfer.cancel();
    return true;
  }

  /** The device was reset: there is no earlier answer to repeat. */
  forgetAnswer(): void {
    this.#answered = undefined;
  }

  /** The front-end has gone. @returns transfers that go on without it. */
  leave(): Transfer[] {
    const running = this.#group.filter((t) => t.succeeded === undefined);
    if (this.#variants['open.disconnect-mid-transfer'] === 'continue') return running;
    for (const transfer of running) transfer.cancel();
    return [];
  }

  /** What came to its end without being looked at counts as ended: the channel decides, not the event loop. */
  #advance(): void {
    for (const transfer of this.#group) if (transfer.succeeded === undefined) transfer.advance();
  }
}
