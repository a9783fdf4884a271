import type { Req } from '../../model/session/index.js';
import { bit, Feature } from '../../model/wire/index.js';

/** Concrete values that a judge remembers of one connection; the model's variables say only whether there are any. */
export interface Registers {
  /** Of the last replies to GET_FEATURES and GET_PROTOCOL_FEATURES; undefined until then. */
  features?: bigint;
  protocol?: bigint;
  /** The same, of the last one before SET_FEATURES. */
  protocolEarly?: bigint;
  /** Guest memory. */
  regions: SharedRegion[];
  /** Rings are packed (VIRTIO_F_RING_PACKED), by the last SET_FEATURES. */
  packed: boolean;
  readonly ring: readonly [RingRegisters, RingRegisters];
  /** Messages that were refused with an error acknowledgement. */
  readonly refused: Set<string>;
  /** What a GET_VRING_BASE at this step must bring: of rings that never ran since their base was set. */
  readonly expectedBase: Map<number, { readonly base: number; readonly migrated: boolean }>;
}

/** A region of guest memory. */
export interface SharedRegion {
  /** Its range of user addresses. */
  readonly from: bigint;
  readonly to: bigint;
  readonly guestEnd: bigint;
  /** The object that it is mapped from, as the trace names it, and from which place on. */
  readonly file: string | undefined;
  readonly offset: bigint;
}

/** User addresses of the parts of a ring. */
export interface RingPlaces {
  readonly descriptor: bigint;
  readonly available: bigint;
  readonly used: bigint;
}

export interface RingRegisters {
  size?: number | undefined;
  addressed: boolean;
  places?: RingPlaces | undefined;
  /** Of the last SET_VRING_BASE, as long as nothing can have moved it. */
  base?: number | undefined;
  /** Where processing begins, as far as we said: what guest memory must agree with. */
  index: number;
  /** A kick descriptor was handed over, or polling asked for. */
  kicked: boolean;
  /** A transfer was begun since the base was set. */
  migrated: boolean;
}

const newRing = (): RingRegisters => ({ addressed: false, index: 0, kicked: false, migrated: false });

export const newRegisters = (): Registers => ({
  regions: [],
  packed: false,
  ring: [newRing(), newRing()],
  refused: new Set(),
  expectedBase: new Map(),
});

interface Region {
  readonly guest: bigint;
  readonly size: bigint;
  readonly user: bigint;
  readonly offset: bigint;
}
const shared = ({ guest, size, user, offset }: Region, file: string | undefined): SharedRegion => ({
  from: user,
  to: user + size,
  guestEnd: guest + size,
  file,
  offset,
});

/** What ran by what guest memory held is not known to go on as it did. */
export function disturb(registers: Registers): void {
  for (const ring of registers.ring) if (ring.kicked) ring.base = undefined;
}

/** Take over what a message says, as if it will be carried out. @param fds names of the objects that went with it */
export function remember(
  registers: Registers,
  req: Req,
  fields: Readonly<Record<string, unknown>>,
  step: number,
  fds: readonly string[] = [],
): void {
  const rings = req.ring === 'other' ? [] : [registers.ring[req.ring]];
  switch (req.name) {
    case 'SET_MEM_TABLE':
      disturb(registers);
      registers.regions = req.flaw === '' ? (fields.regions as Region[]).map((one, i) => shared(one, fds[i])) : [];
      return;
    case 'ADD_MEM_REG':
      disturb(registers);
      if (req.flaw === '') registers.regions.push(shared(fields as unknown as Region, fds[0]));
      return;
    case 'REM_MEM_REG':
      disturb(registers);
      registers.regions = [];
      return;
    case 'SET_VRING_NUM':
      disturb(registers);
      for (const ring of rings) ring.size = req.flaw === '' ? req.num : undefined;
      return;
    case 'SET_VRING_ADDR':
      disturb(registers);
      for (const ring of rings) {
        ring.addressed = req.flaw === '';
        ring.places = ring.addressed ? (fields as unknown as RingPlaces) : undefined;
      }
      return;
    case 'SET_VRING_BASE':
      for (const ring of rings) {
        ring.base = req.flaw === '' && !ring.kicked ? req.num : undefined;
        ring.migrated = false;
        ring.index = req.num;
      }
      return;
    case 'SET_VRING_KICK':
    case 'VRING_KICK':
      for (const ring of rings) {
        ring.kicked = true;
        ring.base = undefined;
      }
      return;
    case 'GET_VRING_BASE':
      for (const ring of rings) {
        if (ring.base !== undefined) registers.expectedBase.set(step, { base: ring.base, migrated: ring.migrated });
        ring.base = undefined;
        ring.kicked = false;
      }
      return;
    case 'SET_DEVICE_STATE_FD':
      for (const ring of registers.ring) {
        ring.migrated = true;
        // What a load does to the indices of the rings is the state's affair.
        if (req.direction !== 'save') ring.base = undefined;
      }
      return;
    case 'SET_FEATURES':
      registers.packed = (req.value & bit(Feature.RING_PACKED)) !== 0n;
      for (const ring of registers.ring) ring.base = undefined;
      return;
    case 'SET_INFLIGHT_FD':
    case 'SET_PROTOCOL_FEATURES':
    case 'RESET_DEVICE':
    case 'RESET_OWNER':
    case 'SET_STATUS':
    case 'UNKNOWN':
      for (const ring of registers.ring) ring.base = undefined;
      return;
    default:
      if (req.flaw === 'out-of-frame') for (const ring of registers.ring) ring.base = undefined;
  }
}
