import { requestNumber } from '../../harness/encode.js';
import type { MessageStep } from '../../harness/trace/step.js';
import { type Flaw, plainReq, type Req } from '../../model/session/index.js';
import { Direction, messageOf, messages, Phase, type RequestName, VERSION } from '../../model/wire/index.js';
import type { Thing } from './world.js';

const FLAG_REPLY = 4;
const FLAG_NEED_REPLY = 8;
const VERSION_BITS = 3;

/** What a message that is about to be sent is to the model. @param things the objects of the trace. @param queues rings
 * that the back-end has. @param value its 64-bit payload, where it has one. @param length of its payload. */
export function requestOf(
  step: MessageStep,
  things: ReadonlyMap<string, Thing>,
  queues: number,
  value: bigint,
  length: number,
): Req {
  const spec = messageOf(requestNumber(step.message)!);
  const fields = step.with ?? {};
  const name = (spec?.name ?? 'UNKNOWN') as RequestName | 'UNKNOWN';
  const ringFd = name === 'SET_VRING_KICK' || name === 'SET_VRING_CALL' || name === 'SET_VRING_ERR';
  const index = ringFd ? Number(value & 0xffn) : Number(fields.index ?? 0);
  const thing = step.fds?.[0] === undefined ? undefined : things.get(step.fds[0].split('.')[0]!);
  const ends = thing === undefined ? '' : step.fds![0]!.slice(thing.name.length + 1);
  const direction = fields.direction ?? 0;
  return {
    ...plainReq,
    name,
    flaw: flawOf(step, name, index, queues, value, length),
    needReply: step.needReply === true || ((step.flags ?? 0) & FLAG_NEED_REPLY) !== 0,
    fragmented: step.cut !== undefined || step.glue === true,
    ring: index === 0 || index === 1 ? index : 'other',
    num: Number(fields.num ?? 0),
    fd: (step.fds ?? []).length > 0 && !(ringFd && (value & 0x100n) !== 0n),
    value,
    direction: direction === Direction.SAVE ? 'save' : direction === Direction.LOAD ? 'load' : 'other',
    kind:
      thing?.kind === 'memfd' || thing?.kind === 'file'
        ? 'file'
        : thing?.kind === 'socketpair' || thing?.nonblock
          ? 'special'
          : 'pipe',
    sink: sinkOf(thing, ends, direction === Direction.SAVE),
  };
}

function sinkOf(thing: Thing | undefined, end: string, save: boolean): Req['sink'] {
  if (thing === undefined) return 'good';
  if (thing.kind === 'directory') return 'doomed';
  if (thing.kind === 'null' || thing.kind === 'eventfd') return 'odd';
  if (thing.kind !== 'pipe') return 'good';
  if (end === (save ? 'r' : 'w')) return 'doomed';
  return save && !thing.open.has('r') ? 'doomed' : 'good';
}

function flawOf(
  step: MessageStep,
  name: RequestName | 'UNKNOWN',
  index: number,
  queues: number,
  value: bigint,
  length: number,
): Flaw {
  if (step.only !== undefined) return 'out-of-frame';
  if (step.size !== undefined && step.size !== length) return 'out-of-frame';
  const flags = step.flags ?? VERSION;
  if ((flags & VERSION_BITS) !== VERSION) return 'version';
  if ((flags & FLAG_REPLY) !== 0) return 'reply-flag';
  if ((flags & ~(VERSION_BITS | FLAG_NEED_REPLY)) !== 0) return 'flags';
  if (name === 'UNKNOWN') return '';
  if (step.raw !== undefined) return 'size';
  const spec = messages[name];
  const fds = (step.fds ?? []).length;
  if (name.startsWith('SET_VRING_') && spec.request === 'u64') {
    if (index >= queues) return 'index';
    if (fds > 1) return 'many-fds';
    return (value & 0x100n) === 0n && fds === 0 ? 'no-fd' : '';
  }
  if (name === 'SET_DEVICE_STATE_FD') {
    if (Number(step.with?.direction ?? 0) > 1) return 'direction';
    if (Number(step.with?.phase ?? 0) !== Phase.STOPPED) return 'phase';
  }
  if (fds < spec.fds.min) return 'no-fd';
  if (fds > spec.fds.max) return spec.fds.max === 0 ? 'extra-fds' : 'many-fds';
  return spec.request.startsWith('vring') && index >= queues ? 'index' : '';
}
