/** Headers, payloads and parameters at and beyond their bounds; messages that are not known or not negotiated. */

import type { Fields } from '../../../harness/trace/step.js';
import {
  Feature,
  messages,
  ProtocolFeature,
  type ProtocolFeatureName,
  type RequestName,
} from '../../../model/wire/index.js';
import type { Action } from '../action.js';
import { maybeAck, offers } from '../parts/negotiation.js';
import { begin, check, closeChannel, endsOf, finish, isUp, mayTransfer } from '../parts/transfer.js';
import { type Extra, negotiated, type View, type World } from '../world.js';

const SET = 'SET_DEVICE_STATE_FD';
const CHECK = 'CHECK_DEVICE_STATE';
const base = { mood: 'hostile', weight: 1 } as const;

/** Behind a message whose effect is not known: see whether the back-end still answers. */
export function look(w: World, view: View): void {
  if (w.dice.chance(0.65) && isUp(view)) w.barrier(view);
}

/** Parameters of SET_DEVICE_STATE_FD that nobody defined. */
const beyond = [2, 3, 255, 0x100, 0x1_0000, 0x7fff_ffff, 0xffff_ffff] as const;

/** Messages whose index can be out of bounds, with what else they take. */
const indexed: readonly RequestName[] = [
  'SET_VRING_NUM',
  'SET_VRING_BASE',
  'SET_VRING_ENABLE',
  'GET_VRING_BASE',
  'SET_VRING_ADDR',
];

/** Messages that need a feature, and no payload that means anything. */
const featured = Object.values(messages).filter(({ feature, number }) => feature !== undefined && number < 42);

const plainMessages: readonly RequestName[] = [
  'GET_FEATURES',
  'SET_FEATURES',
  'SET_OWNER',
  'GET_PROTOCOL_FEATURES',
  'SET_PROTOCOL_FEATURES',
  'SET_MEM_TABLE',
  'SET_VRING_NUM',
  'SET_VRING_ADDR',
  'SET_VRING_BASE',
  'GET_VRING_BASE',
  'SET_VRING_KICK',
  'SET_VRING_ENABLE',
  'SET_DEVICE_STATE_FD',
  'CHECK_DEVICE_STATE',
];

const odd = (
  name: string,
  label: string | undefined,
  act: (w: World, view: View) => void,
  more: Partial<Action> = {},
): Action => ({
  ...base,
  name,
  kind: 'malformed',
  ...(label === undefined ? {} : { label }),
  when: (_, view) => isUp(view),
  act: (w, view) => {
    act(w, view);
    look(w, view);
  },
  ...more,
});

export const malformed: readonly Action[] = [
  odd(
    'a direction that nobody defined',
    `${SET} direction`,
    (w, view) => parameter(w, view, { direction: w.dice.pick(beyond), phase: w.dice.chance(0.8) ? 0 : 1 }),
    { kind: 'parameters', weight: 1.5 },
  ),
  odd(
    'a phase that nobody defined',
    `${SET} phase`,
    (w, view) => parameter(w, view, { direction: w.dice.int(0, 1), phase: w.dice.pick([1, ...beyond]) }),
    { kind: 'parameters', weight: 1.5 },
  ),
  odd(
    'a transfer in any state',
    SET,
    (w, view) => {
      const runs = begin(w, view, w.dice.chance(0.6));
      if (runs && w.dice.chance(0.6)) finish(w, view);
      else if (w.dice.chance(0.6)) closeChannel(w, view);
    },
    { kind: 'unnegotiated', weight: 1 },
  ),
  odd('a check in any state', CHECK, (w, view) => check(w, view), { kind: 'unnegotiated' }),
  odd(
    'a transfer that was not negotiated',
    SET,
    (w, view) => {
      begin(w, view, w.dice.chance(0.5), { extra: maybeAck(w, view) });
      closeChannel(w, view);
    },
    { kind: 'unnegotiated', weight: 2, when: (_, view) => isUp(view) && !negotiated(view, 'DEVICE_STATE') },
  ),
  odd(
    'a payload of the wrong length',
    `${SET} size`,
    (w, view) => {
      const raw = '00'.repeat(w.dice.pick([0, 1, 4, 7, 9, 12, 16, 64]));
      const name = w.open('pipe');
      w.say(view, SET, { raw, fds: [`${name}.w`] });
      w.close(`${name}.w`);
      w.close(`${name}.r`);
    },
    { weight: 1 },
  ),
  odd('a payload that is too short or too long', undefined, (w, view) => {
    const list = plainMessages.filter((one) => one !== SET);
    const message = w.rarest(view, list, (one) => `${one} size`);
    const raw = '00'.repeat(w.dice.pick([0, 1, 3, 4, 7, 8, 9, 12, 16, 40, 200]));
    w.say(view, message, { raw, ...maybeAck(w, view) });
  }),
  odd(
    'a size field that lies',
    undefined,
    (w, view) => {
      const message = w.rarest(view, plainMessages, (one) => `${one} out-of-frame`);
      const size = w.dice.pick([1, 7, 9, 11, 12, 100, 4096, 0x1_0000, 0x7fff_ffff, 0xffff_ffff]);
      w.say(view, message, { size });
    },
    { weight: 0.4 },
  ),
  odd(
    'a size beyond every message',
    'GET_FEATURES out-of-frame',
    (w, view) => {
      w.say(view, 'GET_FEATURES', { size: w.dice.pick([4097, 0x1_0000, 0x7fff_ffff, 0xffff_ffff]) });
    },
    { weight: 0.8 },
  ),
  odd('a version that is not 1', undefined, (w, view) => {
    w.say(
      view,
      w.rarest(view, plainMessages, (one) => `${one} version`),
      { flags: w.dice.pick([0, 2, 3, 8, 0xa]) },
    );
  }),
  odd('the reply flag', undefined, (w, view) => {
    w.say(
      view,
      w.rarest(view, plainMessages, (one) => `${one} reply-flag`),
      { flags: w.dice.pick([5, 13]) },
    );
  }),
  odd('flags that nobody defined', undefined, (w, view) => {
    w.say(
      view,
      w.rarest(view, plainMessages, (one) => `${one} flags`),
      {
        flags: w.dice.pick([0x11, 0x21, 0x80, 0x8000_0001, 0xffff_fff1, 0xffff_fff9]),
      },
    );
  }),
  odd('an index beyond the rings', undefined, (w, view) => {
    const message = w.rarest(view, indexed, (one) => `${one} index`);
    const index = w.dice.pick([w.profile.queues, 2, 3, 16, 128, 255, 256, 0xffff, 0x7fff_ffff, 0xffff_ffff]);
    const num: Fields = message === 'SET_VRING_ADDR' ? {} : { num: w.dice.pick([0, 1, 256]) };
    w.say(view, message, { with: { index, ...num }, ...maybeAck(w, view) });
  }),
  odd('a ring descriptor beyond the rings', undefined, (w, view) => {
    const index = w.dice.pick([2, 3, 16, 128, 254, 255]);
    const none = w.dice.chance(0.3);
    const name = none ? undefined : w.open('eventfd');
    w.say(view, `SET_VRING_${w.dice.pick(['KICK', 'CALL', 'ERR'])}`, {
      with: { value: index | (none ? 0x100 : 0) },
      ...(name === undefined ? {} : { fds: [name] }),
      ...maybeAck(w, view),
    });
  }),
  odd('a ring size that cannot be', 'SET_VRING_NUM value', (w, view) => {
    const num = w.dice.pick([0, 3, 100, 0x8001, 0x1_0000, 0x7fff_ffff, 0xffff_ffff]);
    w.say(view, 'SET_VRING_NUM', { with: { index: 0, num }, ...maybeAck(w, view) });
  }),
  odd('a base that cannot be', 'SET_VRING_BASE value', (w, view) => {
    w.say(view, 'SET_VRING_BASE', {
      with: { index: 0, num: w.dice.pick([0x1_0000, 0x7fff_ffff, 0xffff_ffff]) },
      ...maybeAck(w, view),
    });
  }),
  odd('an enable that is no yes or no', 'SET_VRING_ENABLE value', (w, view) => {
    w.say(view, 'SET_VRING_ENABLE', {
      with: { index: 0, num: w.dice.pick([2, 255, 0xffff_ffff]) },
      ...maybeAck(w, view),
    });
  }),
  odd('addresses outside the memory', 'SET_VRING_ADDR value', (w, view) => {
    const at = w.dice.pick(['0x0', '0x1000', '0x7f0000000001', '0xfffffffffffff000', '0xffffffffffffffff']);
    w.say(view, 'SET_VRING_ADDR', {
      with: { index: 0, descriptor: at, used: at, available: at },
      ...maybeAck(w, view),
    });
  }),
  odd('memory that cannot be', 'SET_MEM_TABLE value', (w, view) => {
    const name = w.open('memfd', { size: w.dice.pick([0, 4096, 65_536]) });
    const { dice } = w;
    const one = {
      guest: dice.pick(['0x0', '0x100000', '0xfffffffffffff000']),
      size: dice.pick(['0x0', '0x1000', '0x10000', '0xffffffffffffffff']),
      user: dice.pick(['0x0', '0x7f0000100000', '0xfffffffffffff000']),
      offset: dice.pick(['0x0', '0x1', '0x1000', '0xfffffffffffff000']),
    };
    const regions = Array.from({ length: dice.pick([0, 1, 1, 2, 8]) }, () => one);
    w.say(view, 'SET_MEM_TABLE', {
      with: { regions },
      fds: regions.slice(0, dice.int(0, 8)).map(() => name),
      ...maybeAck(w, view),
    });
    w.close(name);
  }),
  odd(
    'a configuration outside the space',
    'GET_CONFIG',
    (w, view) => {
      const message = w.dice.pick(['GET_CONFIG', 'SET_CONFIG'] as const);
      const size = w.dice.pick([0, 1, 8, 64, 256]);
      const offset = w.dice.pick([0, 1, 60, 255, 256, 0xffff_ffff]);
      w.say(view, message, {
        with: { offset, size, flags: w.dice.pick([0, 1, 2]), payload: '5a'.repeat(size) },
        ...maybeAck(w, view),
      });
    },
    { when: (_, view) => isUp(view) && negotiated(view, 'CONFIG') },
  ),
  odd(
    'a request that is not known',
    'UNKNOWN',
    (w, view) => {
      const message = w.dice.pick([0, 44, 45, 99, 255, 256, 0x8000_0001, 0xffff_ffff]);
      const raw = '00'.repeat(w.dice.pick([0, 0, 4, 8, 12, 64]));
      w.say(view, message, { ...(raw === '' ? {} : { raw }), ...(w.dice.chance(0.5) ? { needReply: true } : {}) });
    },
    { kind: 'unknown', weight: 2 },
  ),
  odd(
    'a message whose feature is not negotiated',
    undefined,
    (w, view) => {
      const message = w.rarest(view, notNegotiated(w, view), (one) => one);
      w.say(view, message, bare(w, view, message));
    },
    { kind: 'unnegotiated', when: (w, view) => isUp(view) && notNegotiated(w, view).length > 0 },
  ),
  odd(
    'a feature that is not offered, and its message',
    'SET_PROTOCOL_FEATURES unoffered',
    (w, view) => {
      const names = missing(w);
      const name = w.dice.chance(0.5) && names.includes('RARP') ? 'RARP' : w.dice.pick(names);
      const one = featured.find(({ feature }) => feature === name);
      const message = one?.name as RequestName | undefined;
      // Refused before it is asked for, it must be refused after that as well.
      if (message !== undefined && negotiated(view, 'REPLY_ACK') && w.dice.chance(0.6))
        w.say(view, message, { ...bare(w, view, message), needReply: true });
      // Inband notifications and Xen change other messages.
      const value = (w.profile.protocolFeatures & ~0x2_4000n) | (1n << BigInt(ProtocolFeature[name]));
      w.say(view, 'SET_PROTOCOL_FEATURES', { with: { value: `0x${value.toString(16)}` } });
      if (message === undefined) return;
      // Bits that are refused may leave everything as it was.
      w.say(view, message, { ...bare(w, view, message), needReply: true });
    },
    { kind: 'unoffered', weight: 1.5, when: (w, view) => isUp(view) && missing(w).length > 0 },
  ),
  odd(
    'feature bits that are not offered',
    'SET_FEATURES',
    (w, view) => {
      const value = w.dice.pick(['0xffffffffffffffff', '0x0', '0x8000000000000000', '0x1']);
      const message = w.dice.chance(0.7) ? 'SET_FEATURES' : 'SET_PROTOCOL_FEATURES';
      w.say(view, message, { with: { value }, ...maybeAck(w, view) });
    },
    { kind: 'unoffered', weight: 0.4 },
  ),
  odd(
    'need_reply that is not negotiated',
    'SET_OWNER',
    (w, view) => {
      w.say(view, w.dice.pick(['SET_OWNER', 'SET_VRING_NUM', 'SET_FEATURES']), { needReply: true });
    },
    { kind: 'need-reply', when: (_, view) => isUp(view) && !negotiated(view, 'REPLY_ACK') },
  ),
  odd(
    'need_reply on a question',
    'GET_FEATURES',
    (w, view) => {
      w.say(view, w.dice.pick(['GET_FEATURES', 'GET_PROTOCOL_FEATURES', 'GET_QUEUE_NUM'] as const), {
        needReply: true,
      });
    },
    { kind: 'need-reply' },
  ),
];

function parameter(w: World, view: View, fields: { direction: number; phase: number }): void {
  const name = w.open('pipe');
  const [ours, theirs] = endsOf(name, 'pipe', fields.direction !== 1);
  w.say(view, SET, { with: fields, fds: [theirs], channel: ours, ...maybeAck(w, view, 0.2) });
  w.close(theirs);
  if (w.dice.chance(0.6) && mayTransfer(view)) check(w, view);
  w.close(ours);
}

/** Messages whose protocol feature is not negotiated now. */
function notNegotiated(_: World, view: View): RequestName[] {
  return featured
    .filter(({ feature }) => !negotiated(view, feature!))
    .map(({ name }) => name as RequestName)
    .filter((name) => !name.startsWith('POSTCOPY'));
}

/** Protocol features that are not offered, and whose message can do no more than be refused. */
function missing(w: World): ProtocolFeatureName[] {
  if ((w.profile.features & (1n << BigInt(Feature.PROTOCOL_FEATURES))) === 0n) return [];
  const usable: readonly ProtocolFeatureName[] = [
    'RARP',
    'MTU',
    'CONFIG',
    'STATUS',
    'RESET_DEVICE',
    'CONFIGURE_MEM_SLOTS',
    'SHARED_OBJECT',
    'MQ',
    'CROSS_ENDIAN',
  ];
  return usable.filter((name) => !offers(w, name));
}

/** The fewest arguments that a message can have. */
function bare(w: World, view: View, message: RequestName): Extra {
  const { fds, request } = messages[message];
  const payload = request === 'config' ? { with: { offset: 0, size: 4, flags: 0, payload: '00000000' } } : {};
  if (fds.min === 0) return { ...payload, ...maybeAck(w, view) };
  const name = w.open(message === 'SET_BACKEND_REQ_FD' ? 'socketpair' : 'memfd');
  return { ...payload, fds: [message === 'SET_BACKEND_REQ_FD' ? `${name}.b` : name], ...maybeAck(w, view) };
}
