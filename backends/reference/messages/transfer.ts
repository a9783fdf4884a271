/** SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE. */
import { encodeHeader } from '../../../model/wire/header.js';
import { Request } from '../../../model/wire/messages.js';
import { type Descriptor, memfd, pipe } from '../../../native/index.js';
import { Offered } from '../offer.js';
import type { Parts } from '../parts.js';
import { LATE_MS } from '../rings.js';
import type { Faults } from '../sabotage.js';
import type { Direction } from '../transfer/desk.js';
import { fieldsOf, type Handler, type Request as Incoming, replyNumber, taking } from './handler.js';
import { CLOSE, type Outcome, REFUSED, type Reply, reply } from './outcome.js';

/** The directions, by their numbers. */
const DIRECTIONS: readonly Direction[] = ['save', 'load'];
/** The only phase that there is: guest stopped, device suspended. */
const STOPPED = 0;

/** Bit 8 of the reply: no descriptor comes with it. */
const NO_DESCRIPTOR = 0x100n;
/** Bits 0-7 of the reply. */
const ERROR = 1n;
/** Bits 9-63, which mean nothing. */
const HIGH_BITS = ~0x1ffn & 0xffff_ffff_ffff_ffffn;

/** VHOST_USER_BACKEND_CONFIG_CHANGE_MSG, whole. */
const CONFIG_CHANGE = encodeHeader({ request: 2, flags: 1, size: 0 });

function stateReply({ variants }: Parts, value: bigint, descriptors?: Descriptor[]): Reply {
  return replyNumber(value | (variants['open.high-bits'] === 'set' ? HIGH_BITS : 0n), descriptors);
}

/** Both ends of a channel of our own: what we use, and what the front-end gets. */
function ownChannel(direction: Direction): { ours: Descriptor; theirs: Descriptor } {
  const { r, w } = pipe('own channel');
  return direction === 'save' ? { ours: w, theirs: r } : { ours: r, theirs: w };
}

function directionOf(number: number, faults: Faults): Direction | undefined {
  return DIRECTIONS[number] ?? (faults.has('any-direction') ? 'save' : undefined);
}

/** Whether a transfer can be begun in this direction, by everything but the channel. */
function mayBegin({ variants, rings, negotiation, desk }: Parts, direction: Direction): boolean {
  if (variants['open.enforce-suspended'] === 'refuse' && !rings.suspended) return false;
  const early = direction === 'load' && !negotiation.featuresSet;
  if (early && variants['open.load-before-features'] === 'refuse') return false;
  return desk.admit(direction);
}

/** Whether a descriptor of this kind is taken: all are. */
function serves(channel: Descriptor | undefined, faults: Faults): boolean {
  const { kind } = channel?.stat() ?? { kind: 'none' };
  if (faults.has('socket-refused') && kind === 'socket') return false;
  return !(faults.has('memory-file-refused') && (kind === 'memfd' || kind === 'file'));
}

function rightNumber(descriptors: number, faults: Faults): boolean {
  if (descriptors === 1) return true;
  return faults.has(descriptors === 0 ? 'no-descriptor-accepted' : 'two-descriptors-accepted');
}

function begin(parts: Parts, direction: Direction, descriptors: Descriptor[]): Reply {
  const { desk, faults } = parts;
  if (parts.ownChannel) {
    const { ours, theirs } = ownChannel(direction);
    desk.begin(direction, ours);
    return stateReply(parts, 0n, [theirs]);
  }
  const channel = descriptors.shift();
  const extra = faults.has('descriptor-but-flag') && channel !== undefined ? [channel.dup('channel')] : [];
  if (channel !== undefined) desk.begin(direction, channel);
  return stateReply(parts, faults.has('no-descriptor-no-flag') ? 0n : NO_DESCRIPTOR, extra);
}

/** What a suspended device must not do. */
function disturb({ rings, faults, backendChannel }: Parts, direction: Direction): void {
  if (faults.has('save-resets-base') && direction === 'save') rings.forgetBases();
  if (!rings.suspended) return;
  if (faults.has('suspended-call')) rings.signalAll();
  if (faults.has('suspended-call-late')) setTimeout(() => rings.signalAll(), LATE_MS);
  if (faults.has('suspended-message')) announce(backendChannel.held);
}

function announce(channel: Descriptor | undefined): void {
  try {
    channel?.write(CONFIG_CHANGE);
  } catch {
    // The front-end has closed its side.
  }
}

function setDeviceState(parts: Parts, request: Incoming): Outcome {
  const { faults } = parts;
  const fields = fieldsOf('device-state', request);
  if (fields === undefined) faults.crash('bad-size-kills');
  if (fields === undefined || !rightNumber(request.descriptors.length, faults)) return REFUSED;
  const direction = directionOf(fields.direction, faults);
  if (direction === undefined) return faults.has('bad-direction-closes') ? CLOSE : REFUSED;
  if (fields.phase !== STOPPED && !faults.has('any-phase')) return REFUSED;
  if (!serves(request.descriptors[0], faults) || !mayBegin(parts, direction)) return REFUSED;
  const answer = begin(parts, direction, request.descriptors);
  disturb(parts, direction);
  return answer;
}

function refuseTransfer(parts: Parts): Outcome {
  const { variants, faults } = parts;
  if (variants['open.refusal'] === 'close') return CLOSE;
  if (faults.has('error-with-descriptor')) return stateReply(parts, ERROR, [memfd('nothing', 0)]);
  if (faults.has('error-in-high-bits')) return stateReply(parts, NO_DESCRIPTOR | 0x200n);
  return stateReply(parts, ERROR | (variants['open.error-no-fd-bit'] === 'set' ? NO_DESCRIPTOR : 0n));
}

function checkReply({ faults }: Parts, value: bigint): Reply {
  if (faults.has('spin')) faults.spin();
  const answer = replyNumber(value);
  return faults.has('check-reply-short') ? reply(answer.payload.subarray(0, 4)) : answer;
}

export const transfer: Readonly<Record<number, Handler>> = {
  [Request.SET_DEVICE_STATE_FD]: {
    feature: Offered.DEVICE_STATE,
    descriptors: [0, Number.POSITIVE_INFINITY],
    run: setDeviceState,
    refuse: refuseTransfer,
  },

  [Request.CHECK_DEVICE_STATE]: {
    feature: Offered.DEVICE_STATE,
    run: taking('none', (parts) => {
      const value = parts.desk.check();
      if (parts.faults.has('check-silent')) return { is: 'later', reply: new Promise(() => {}) };
      if (typeof value === 'bigint') return checkReply(parts, value);
      return { is: 'later', reply: value.then((v) => checkReply(parts, v)) };
    }),
    refuse: () => replyNumber(ERROR),
  },
};
