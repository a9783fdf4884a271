/**
 * The transfers of one connection: which one may begin, what CHECK_DEVICE_STATE answers, and what other messages do to a
 * transfer that runs.
 */
import type { Descriptor } from '../../../native/index.js';
import type { Device } from '../device.js';
import type { Faults } from '../sabotage.js';
import type { Verdict } from '../state.js';
import type { Variants } from '../variants.js';
import { Load } from './load.js';
import { Save } from './save.js';
import { type Mover, Transfer } from './transfer.js';

/** What happened that may end a running transfer: the device begins anew, or a migration was called off. */
export type Interruption = 'reset' | 'log-cleared';

export type Direction = 'save' | 'load';

/** Values of a CHECK_DEVICE_STATE reply. */
const SUCCESS = 0n;
const FAILURE = 1n;

/** Transfers that are checked together: one, unless open.second-set says that both run. */
type Group = readonly Transfer[];

/** Bytes that the fault `leak-memory` keeps of each transfer. */
const LEAK = 32 * 1024 * 1024;

/** Keeps the transfers of one connection. */
export class TransferDesk {
  readonly #device: Device;
  readonly #variants: Variants;
  readonly #faults: Faults;
  #group: Group = [];
  /** The transfers that the last CHECK was about. */
  #checked: Group | undefined;
  /** Rings were started since the last transfer began: the front-end went on without asking for the result. */
  #resumed = false;
  /** The answer to the last CHECK, as long as no transfer and no reset followed. */
  #answered: bigint | undefined;
  /** The last result of all. */
  #last: bigint | undefined;
  #left = false;
  /** For faults: the first direction, and those in which a transfer failed. */
  #first: Direction | undefined;
  readonly #failed = new Set<Direction>();

  constructor(device: Device, variants: Variants, faults: Faults) {
    this.#device = device;
    this.#variants = variants;
    this.#faults = faults;
  }

  /** True while the result of a transfer is unknown. */
  get running(): boolean {
    return this.#group.some((t) => t.succeeded === undefined);
  }

  /** Resolves when no result is unknown any more. */
  async idle(): Promise<void> {
    await settled(this.#group);
  }

  /** Whether a transfer may begin now; makes room for it. */
  admit(direction: Direction): boolean {
    this.#advance();
    if (this.#faults.has('one-direction') && (this.#first ?? direction) !== direction) return false;
    if (this.#faults.has('one-abandoned-save') && this.#failed.has('save')) return false;
    // One that failed, or that the front-end left behind when it started rings, is nobody's business any more.
    const unchecked = this.#group.some((t) => t.succeeded === true) && !this.#resumed;
    const busy = this.running || unchecked;
    const policy = this.#variants['open.second-set'];
    if (busy && policy === 'refuse') return false;
    if (busy && policy === 'both') return true;
    this.#cancel();
    this.#group = [];
    return true;
  }

  #cancel(): void {
    for (const transfer of this.#group) transfer.cancel();
  }

  /** Begin a transfer over `channel`, which it takes over. */
  begin(direction: Direction, channel: Descriptor): void {
    const transfer = new Transfer(channel, this.#mover(direction), (d) => this.#release(direction, d));
    this.#group = [...this.#group, transfer];
    this.#first ??= direction;
    this.#resumed = false;
    this.#answered = undefined;
    if (this.#faults.has('save-keeps-duplicate')) this.#faults.keep(channel.dup('channel'));
    if (this.#faults.has('leak-memory')) this.#faults.lose(new Uint8Array(LEAK).fill(1));
    if (this.#faults.has('leak-thread')) void this.#faults.startThread();
    void transfer.settled.then(() => {
      if (transfer.succeeded !== true) this.#failed.add(direction);
    });
    void transfer.run();
  }

  #release(direction: Direction, channel: Descriptor): void {
    if (direction === 'save' && this.#faults.has('save-no-eof')) this.#faults.keep(channel);
    else if (direction === 'load' && this.#faults.has('leak-loaded-channel')) this.#faults.lose(channel);
    else if (this.#left && this.#faults.has('leak-on-disconnect')) this.#faults.lose(channel);
    else channel.close();
  }

  #mover(direction: Direction): Mover {
    const saves = (direction === 'save') !== this.#faults.has('direction-swapped');
    if (saves) return new Save(this.#device, this.#variants['open.save-side-effects'] === 'some', this.#faults);
    const accepted = new Set<Verdict>(['good']);
    if (this.#variants['open.trailing-data'] === 'accept') accepted.add('trailing');
    if (this.#variants['open.empty-state'] === 'accept') accepted.add('empty');
    return new Load(this.#device, accepted, this.#faults);
  }

  /** The answer to CHECK_DEVICE_STATE; a promise where the result has to be waited for. */
  check(): bigint | Promise<bigint> {
    if (this.#group.length === 0) return this.#checkNothing();
    this.#advance();
    if (!this.running) return this.#conclude(this.#group);
    if (this.#faults.has('check-hasty')) return SUCCESS;
    if (this.#variants['open.check-before-eof'] === 'error') return FAILURE;
    const group = this.#group;
    return settled(group).then(() => this.#conclude(group));
  }

  #checkNothing(): bigint {
    if (this.#answered !== undefined) return this.#variants['open.check-twice'] === 'same' ? this.#answered : FAILURE;
    this.#faults.crash('lone-check-kills');
    const policy = this.#variants['open.check-without-set'];
    if (policy === 'last') return this.#last ?? SUCCESS;
    return policy === 'success' ? SUCCESS : FAILURE;
  }

  #conclude(group: Group): bigint {
    if (group === this.#checked) return this.#checkNothing();
    const value = this.#result(group);
    this.#group = this.#group.filter((t) => !group.includes(t));
    this.#checked = group;
    this.#answered = value;
    this.#last = value;
    return value;
  }

  #result(group: Group): bigint {
    if (this.#faults.has('check-always-good')) return SUCCESS;
    if (this.#faults.has('bad-load-sticks') && this.#failed.has('load')) return FAILURE;
    return group.every((t) => t.succeeded === true) ? SUCCESS : FAILURE;
  }

  /** A ring was started. */
  resume(): void {
    this.#resumed = true;
  }

  /** A message came that may end a running transfer. @returns false where the message itself has to be refused. */
  interrupt(why: Interruption): boolean {
    this.#advance();
    if (!this.running) return true;
    const policy = why === 'reset' ? this.#variants['open.reset-during-transfer'] : this.#variants['open.log-all'];
    if (policy === 'cancel') this.#cancel();
    return policy !== 'refuse';
  }

  /** The device was reset: there is no earlier answer to repeat. */
  forgetAnswer(): void {
    this.#answered = undefined;
  }

  /** The front-end has gone. @returns transfers that go on without it. */
  leave(): Transfer[] {
    this.#left = true;
    const running = this.#group.filter((t) => t.succeeded === undefined);
    if (running.length > 0) this.#faults.crash('disconnect-kills');
    if (this.#variants['open.disconnect-mid-transfer'] === 'abort') {
      this.#cancel();
      return [];
    }
    // On to the end of its channel: where there is none, nobody would ever end it.
    for (const transfer of running) if (!transfer.ends) transfer.cancel();
    return running.filter((t) => t.succeeded === undefined);
  }

  /** What came to its end without being looked at counts as ended: the channel decides, not the event loop. */
  #advance(): void {
    for (const transfer of this.#group) transfer.advance();
  }
}

const settled = (group: Group): Promise<unknown> => Promise.all(group.map((t) => t.settled));
