/** A message of a trace, abstracted for the rules of the model. */
import { type Encoded, encodeStep } from '../../harness/encode.js';
import type { MessageStep } from '../../harness/trace/step.js';
import { type Flaw, plainReq, type Req, type Ring } from '../../model/session/index.js';
import {
  bit,
  decodePayload,
  decodeVringFd,
  FLAG_NEED_REPLY,
  FLAG_REPLY,
  type MessageSpec,
  messageOf,
  ProtocolFeature,
  payloadKind,
  type RequestName,
  VERSION,
  VERSION_MASK,
} from '../../model/wire/index.js';
import type { Registers } from './registers.js';
import { endOf, type Thing, type Things } from './things.js';

/** What the abstraction of a message needs to know. */
export interface RequestContext {
  readonly things: Things;
  readonly registers: Registers;
  /** The message before it was held back to be sent with this one. */
  readonly gluedBefore: boolean;
}

/** The abstract request, and its bytes. */
export interface Abstracted {
  readonly req: Req;
  readonly encoded: Encoded;
  readonly fields: Readonly<Record<string, unknown>>;
}

const isPowerOfTwo = (n: number): boolean => n > 0 && (n & (n - 1)) === 0;
const ringOf = (index: number): Ring | 'other' => (index === 0 || index === 1 ? index : 'other');
/** No virtio device has more queues. */
const MAX_QUEUES = 65_536;

type Part = Partial<Req> & { readonly flaw?: Flaw };

function vringState(name: string, { index, num }: { index: number; num: number }): Part {
  const part = { ring: ringOf(index), num, hopeless: index >= MAX_QUEUES };
  const bad: Partial<Record<string, boolean>> = {
    SET_VRING_NUM: !isPowerOfTwo(num) || num > 256,
    SET_VRING_BASE: num > 0xffff,
    SET_VRING_ENABLE: num > 1,
  };
  if (part.ring === 'other') return { ...part, flaw: 'index' };
  if (name === 'GET_VRING_BASE' && num !== 0) return { ...part, flaw: 'reserved' };
  return bad[name] ? { ...part, flaw: 'value' } : part;
}

function vringDescriptor(step: MessageStep, name: string, value: bigint, { registers }: RequestContext): Part {
  const { index, noFd, high } = decodeVringFd(value);
  const fds = step.fds?.length ?? 0;
  const part = { ring: ringOf(index), fd: fds > 0 && !noFd };
  if (part.ring === 'other') return { ...part, flaw: 'index' };
  if (high !== 0n) return { ...part, flaw: 'reserved' };
  if (!noFd && fds === 0) return { ...part, flaw: 'no-fd', hopeless: true };
  if (noFd && fds > 0) return { ...part, flaw: 'extra-fds' };
  if (name !== 'SET_VRING_KICK') return part;
  const { size, addressed } = registers.ring[part.ring];
  // A ring without a size or a place has nothing to be started on.
  return size === undefined || !addressed || registers.regions.length === 0 ? { ...part, flaw: 'early' } : part;
}

interface Region {
  readonly guest: bigint;
  readonly size: bigint;
  readonly user: bigint;
  readonly offset: bigint;
}

const goodRegion = (region: Region, thing: Thing | undefined): boolean =>
  thing !== undefined &&
  (thing.kind === 'memfd' || thing.kind === 'file') &&
  region.size > 0n &&
  region.size % 4096n === 0n &&
  region.offset % 4096n === 0n &&
  region.guest % 4096n === 0n &&
  region.user % 4096n === 0n &&
  region.guest + region.size < 2n ** 47n &&
  region.user + region.size < 2n ** 47n &&
  region.offset + region.size <= BigInt(thing.size);

const overlap = (regions: readonly Region[]): boolean =>
  regions.some((a, i) =>
    regions.some(
      (b, j) =>
        i < j &&
        ((a.guest < b.guest + b.size && b.guest < a.guest + a.size) ||
          (a.user < b.user + b.size && b.user < a.user + a.size)),
    ),
  );

function memoryTable(step: MessageStep, regions: readonly Region[], { things, registers }: RequestContext): Part {
  const fds = step.fds ?? [];
  if (regions.length > 0 && fds.length === 0) return { flaw: 'no-fd', hopeless: true };
  if (regions.length === 0 || regions.length > 8 || fds.length !== regions.length) return { flaw: 'value' };
  if (registers.ring.some(({ kicked }) => kicked)) return { flaw: 'early' };
  return regions.every((region, i) => goodRegion(region, things.get(fds[i]!))) && !overlap(regions)
    ? {}
    : { flaw: 'value' };
}

function address(fields: Record<string, number | bigint>, { registers }: RequestContext): Part {
  const ring = ringOf(Number(fields.index));
  if (ring === 'other') return { ring, flaw: 'index', hopeless: Number(fields.index) >= MAX_QUEUES };
  const inside = (name: string, align: bigint) => {
    const at = fields[name] as bigint;
    return at % align === 0n && registers.regions.some(({ from, to }) => at >= from && at + 4096n <= to);
  };
  const good =
    Number(fields.flags) <= 1 &&
    registers.ring[ring].size !== undefined &&
    inside('descriptor', 16n) &&
    inside('available', 2n) &&
    inside('used', 4n);
  return good ? { ring } : { ring, flaw: 'value' };
}

function sinkOf(thing: Thing | undefined, name: string, direction: Req['direction']): Pick<Req, 'kind' | 'sink'> {
  if (thing === undefined) return { kind: 'pipe', sink: 'odd' };
  const end = endOf(name);
  const kind: Req['kind'] = thing.kind === 'pipe' && !thing.nonblock ? 'pipe' : 'special';
  if (thing.channelOf !== undefined || thing.uses.length > 0 || thing.replaced) return { kind, sink: 'odd' };
  switch (thing.kind) {
    case 'pipe':
      if ((direction === 'save') !== (end === 'w')) return { kind, sink: 'doomed' };
      return { kind, sink: direction === 'save' && !thing.open.has('r') ? 'doomed' : 'good' };
    case 'socketpair': {
      const peer = end === 'a' ? 'b' : 'a';
      // What a shut-down or closed peer makes of a writer differs by moment and kernel.
      return { kind, sink: thing.open.has(peer) && (direction === 'load' || thing.ended.size === 0) ? 'good' : 'odd' };
    }
    case 'memfd':
    case 'file':
      return { kind: 'file', sink: direction === 'load' && thing.size > 0 ? 'odd' : 'good' };
    case 'directory':
      return { kind: 'special', sink: 'doomed' };
    default:
      return { kind: 'special', sink: 'odd' };
  }
}

function deviceState(
  step: MessageStep,
  { direction, phase }: { direction: number; phase: number },
  { things }: RequestContext,
): Part {
  const to = direction === 0 ? 'save' : direction === 1 ? 'load' : 'other';
  const fds = step.fds ?? [];
  if (fds.length !== 1) return { direction: to, flaw: fds.length === 0 ? 'no-fd' : 'many-fds' };
  if (to === 'other') return { direction: to, flaw: 'direction' };
  if (phase !== 0) return { direction: to, flaw: 'phase' };
  return { direction: to, ...sinkOf(things.get(fds[0]!), fds[0]!, to) };
}

const INBAND_NEEDS = bit(ProtocolFeature.BACKEND_REQ) | bit(ProtocolFeature.REPLY_ACK);

function byMessage(step: MessageStep, spec: MessageSpec, fields: Record<string, unknown>, ctx: RequestContext): Part {
  const { registers } = ctx;
  const value = (fields.value as bigint | undefined) ?? 0n;
  switch (spec.name as RequestName) {
    case 'SET_FEATURES':
      return (value & ~(registers.features ?? 0n)) === 0n ? { value } : { value, flaw: 'unoffered' };
    case 'SET_PROTOCOL_FEATURES': {
      const inband = (value & bit(ProtocolFeature.INBAND_NOTIFICATIONS)) !== 0n;
      if (inband && (value & INBAND_NEEDS) !== INBAND_NEEDS) return { value, flaw: 'value' };
      return registers.protocol === undefined || (value & ~registers.protocol) === 0n
        ? { value }
        : { value, flaw: 'unoffered' };
    }
    case 'SET_VRING_KICK':
    case 'SET_VRING_CALL':
    case 'SET_VRING_ERR': {
      const part = vringDescriptor(step, spec.name, value, ctx);
      const things = (step.fds ?? []).map((name) => ctx.things.get(name));
      return (part.flaw ?? '') === '' && things.some((thing) => thing?.kind !== 'eventfd')
        ? { ...part, flaw: 'fd-kind' }
        : part;
    }
    case 'SET_VRING_NUM':
    case 'SET_VRING_BASE':
    case 'GET_VRING_BASE':
    case 'SET_VRING_ENABLE':
    case 'VRING_KICK':
    case 'SET_VRING_ENDIAN':
      return vringState(spec.name, fields as { index: number; num: number });
    case 'SET_VRING_ADDR':
      return address(fields as Record<string, bigint>, ctx);
    case 'SET_MEM_TABLE':
      return memoryTable(step, fields.regions as Region[], ctx);
    case 'ADD_MEM_REG': {
      const fds = step.fds ?? [];
      if (fds.length === 0) return { flaw: 'no-fd', hopeless: true };
      return fds.length === 1 && goodRegion(fields as unknown as Region, ctx.things.get(fds[0]!))
        ? {}
        : { flaw: 'value' };
    }
    case 'REM_MEM_REG': {
      const { user, size } = fields as unknown as Region;
      return registers.regions.some(({ from, to }) => from === user && to === user + size) ? {} : { flaw: 'value' };
    }
    case 'SET_LOG_BASE': {
      const fds = step.fds ?? [];
      const { size, offset } = fields as { size?: bigint; offset?: bigint };
      const thing = fds.length === 1 ? ctx.things.get(fds[0]!) : undefined;
      const covers = registers.regions.every(({ guestEnd }) => guestEnd / 32768n <= (size ?? 0n));
      const good =
        thing?.kind === 'memfd' &&
        (size ?? 0n) >= 4096n &&
        offset === 0n &&
        (size ?? 0n) <= BigInt(thing.size) &&
        covers;
      return good ? {} : { flaw: 'value' };
    }
    case 'SET_BACKEND_REQ_FD':
      return (step.fds ?? []).length === 1 && ctx.things.get(step.fds![0]!)?.kind === 'socketpair'
        ? {}
        : { flaw: (step.fds ?? []).length === 0 ? 'no-fd' : 'fd-kind', hopeless: (step.fds ?? []).length === 0 };
    case 'SET_CONFIG':
    case 'GET_CONFIG': {
      const { offset, size } = fields as { offset: number; size: number };
      return size === 0 || offset + size > 256 || (spec.name === 'SET_CONFIG' && (fields.flags as number) > 1)
        ? { flaw: 'value' }
        : {};
    }
    case 'SET_DEVICE_STATE_FD':
      return deviceState(step, fields as { direction: number; phase: number }, ctx);
    case 'SET_INFLIGHT_FD':
    case 'GET_INFLIGHT_FD':
      return { flaw: 'value' };
    default:
      return { value };
  }
}

function headerFlaw(step: MessageStep, encoded: Encoded): Flaw {
  if (!encoded.framed || step.only !== undefined) return 'out-of-frame';
  const flags = step.flags ?? VERSION;
  if ((flags & VERSION_MASK) !== VERSION) return 'version';
  if ((flags & FLAG_REPLY) !== 0) return 'reply-flag';
  return flags & ~(VERSION_MASK | FLAG_REPLY | FLAG_NEED_REPLY) ? 'flags' : '';
}

/** Abstract a message. @throws WireError, Value64Error as its encoding does. */
export function abstract(step: MessageStep, ctx: RequestContext): Abstracted {
  const { registers } = ctx;
  const encoded = encodeStep(step, { features: registers.features ?? 0n, protocol: registers.protocol ?? 0n });
  const spec = messageOf(encoded.request);
  const needReply = step.flags === undefined ? step.needReply === true : (step.flags & FLAG_NEED_REPLY) !== 0;
  const base: Req = {
    ...plainReq,
    name: (spec?.name as RequestName | undefined) ?? 'UNKNOWN',
    needReply,
    fragmented: (step.cut?.length ?? 0) > 0 || step.glue === true || ctx.gluedBefore,
    flaw: headerFlaw(step, encoded),
  };
  if (spec === undefined) {
    const flawed = base.flaw !== '' || (step.fds?.length ?? 0) > 0;
    return { req: { ...base, hopeless: true, flaw: base.flaw || (flawed ? 'extra-fds' : '') }, encoded, fields: {} };
  }
  let fields: Record<string, unknown> = {};
  try {
    const kind = payloadKind(encoded.request, step.raw === undefined ? (step.with ?? {}) : {});
    fields = decodePayload(kind, encoded.bytes.subarray(12)) as Record<string, unknown>;
  } catch {
    return { req: { ...base, flaw: base.flaw || 'size' }, encoded, fields };
  }
  const fds = step.fds?.length ?? 0;
  const part = byMessage(step, spec, fields, ctx);
  const count: Flaw = fds > spec.fds.max ? (spec.fds.max === 0 ? 'extra-fds' : 'many-fds') : '';
  return { req: { ...base, ...part, flaw: base.flaw || count || part.flaw || '' }, encoded, fields };
}
