/** The configuration space of a session's device: what it was, and where it has to be that again. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { Req } from '../../model/session/index.js';
import type { Failure } from './candidate.js';

/** Bytes by their place. */
type Bytes = ReadonlyMap<number, number>;

/** What a GET_CONFIG brought. */
export interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The step of the GET_CONFIG. */
  readonly asked: number;
  /** The step of the reply. */
  readonly step: number;
}
interface Finding {
  readonly clause: ClauseId;
  readonly failure?: Failure;
}

const hex = (byte: number | undefined): string => (byte === undefined ? '..' : byte.toString(16).padStart(2, '0'));

export class ConfigSpace {
  /** As it was read since it may have changed last. */
  private known: Bytes = new Map();
  /** Why it must be what is known: a transfer failed. */
  private failed: 'save' | 'load' | undefined;
  /** What was known before the load that runs. */
  private beforeLoad: Bytes | undefined;
  /** As it was read in the life of the process before anything was set, by the features that were set. */
  private readonly initial = new Map<bigint | undefined, Map<number, number>>();
  /** Something was set since the process began; since we connected. */
  private touched = false;
  private configured = false;
  private reset = false;
  private features: bigint | undefined;
  private reconnects = 0;
  /** The step that may have changed it last: what was asked before that may be answered behind it. */
  private changed = -1;

  private forget(step: number): void {
    this.known = new Map();
    this.failed = undefined;
    this.beforeLoad = undefined;
    this.changed = step;
  }

  /** It may be anything from here on. */
  set(step: number): void {
    this.forget(step);
    this.touched = true;
    this.configured = true;
    this.reset = false;
  }

  /** A message went out. @param resets it is a reset that the device must carry out, if it does not refuse it */
  sent(req: Req, step: number, resets: boolean): void {
    switch (req.name) {
      case 'SET_CONFIG':
      case 'SET_STATUS':
      case 'RESET_OWNER':
      case 'SET_INFLIGHT_FD':
      case 'UNKNOWN':
        return this.set(step);
      case 'RESET_DEVICE':
        this.set(step);
        this.reset = resets;
        return;
      case 'SET_FEATURES':
        this.forget(step);
        this.features = req.value;
        return;
      case 'SET_DEVICE_STATE_FD': {
        if (req.direction === 'save') return;
        const { known } = this;
        this.forget(step);
        this.beforeLoad = known;
        return;
      }
      default:
        if (req.flaw === 'out-of-frame') this.set(step);
    }
  }

  /** The reset was refused. */
  refused(): void {
    this.reset = false;
  }

  /** We left: a later connection finds it as the first one did. */
  left(step: number): void {
    this.forget(step);
    this.features = undefined;
    this.reset = false;
    this.configured = false;
    this.reconnects++;
  }

  /** CHECK_DEVICE_STATE answered at this step. */
  checked(transfer: 'save' | 'load', good: boolean, step: number): void {
    if (transfer === 'save') {
      if (!good) this.failed = 'save';
      return;
    }
    if (good) return this.set(step);
    // What was read while the load ran may be half of it.
    const before = this.beforeLoad;
    this.forget(step);
    if (before === undefined) return;
    this.known = before;
    this.failed = 'load';
  }

  /** A part was read. */
  read(part: Part): readonly Finding[] {
    if (part.asked < this.changed) return [];
    const findings = this.held(part);
    const known = new Map(this.known);
    for (const [i, byte] of part.bytes.entries()) known.set(part.offset + i, byte);
    this.known = known;
    return findings;
  }

  private held(part: Part): readonly Finding[] {
    const { failed } = this;
    const resumed =
      failed === undefined
        ? undefined
        : compare(part, this.known, failed === 'save' ? 'outcome.resume-source' : 'outcome.failed-load-harmless');
    if (resumed !== undefined) this.failed = undefined;
    if (resumed?.failure !== undefined) return [resumed];
    const initial = this.initial.get(this.features) ?? new Map<number, number>();
    const fresh = this.reset
      ? compare(part, initial, 'rings.reset-device')
      : this.reconnects > 0 && !this.configured
        ? compare(part, initial, 'robust.reconnect')
        : undefined;
    if (!this.touched) {
      for (const [i, byte] of part.bytes.entries()) initial.set(part.offset + i, byte);
      this.initial.set(this.features, initial);
    }
    return [resumed, fresh].filter((finding) => finding !== undefined);
  }
}

/** @returns nothing where no byte of the part is known. */
function compare({ offset, bytes, step }: Part, known: Bytes, clause: ClauseId): Finding | undefined {
  const expected = Array.from(bytes, (_, i) => known.get(offset + i));
  if (expected.every((byte) => byte === undefined)) return undefined;
  if (expected.every((byte, i) => byte === undefined || byte === bytes[i])) return { clause };
  const failure: Failure = {
    clause,
    step,
    expected: [`the configuration ${expected.map(hex).join('')}`],
    observed: Array.from(bytes, hex).join(''),
    situation: '',
    about: 'GET_CONFIG',
  };
  return { clause, failure };
}
