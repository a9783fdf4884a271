/** What a session's device is known to hold: ring indices, configuration, state. Concrete values beside the model. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { Output, Req } from '../../model/session/index.js';
import type { Failure } from './candidate.js';
import { ConfigSpace } from './config-space.js';
import type { Track } from './track.js';

interface Options {
  readonly comparable: boolean;
}
interface Finding {
  readonly clause: ClauseId;
  readonly failure?: Failure;
}
interface Reply {
  readonly output: Output;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A save whose reader left. */
interface Abandoned {
  /** Bytes that can have gone out. */
  readonly most: number;
  /** What CHECK_DEVICE_STATE said of it, and where. */
  readonly good: boolean;
  readonly step: number;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class Device {
  private readonly config = new ConfigSpace();
  /** The next whole save must bring this. */
  private expected: { bytes: Uint8Array; clause: ClauseId; why: string } | undefined;
  private lastSave: Uint8Array | undefined;
  private stable = false;
  /** Nothing was done since the last save that may have changed the device. */
  private untouched = false;
  /** Saves whose reader left, and the device was not touched since. */
  private abandoned: Abandoned[] = [];

  constructor(
    readonly on: string,
    private readonly options: Options,
  ) {}

  /** Something may have changed the device. */
  dirty(): void {
    this.expected = undefined;
    this.lastSave = undefined;
    this.stable = false;
    this.untouched = false;
    this.abandoned = [];
  }
  unknown(step: number): void {
    this.dirty();
    this.config.set(step);
  }
  left(step: number): void {
    this.dirty();
    this.config.left(step);
  }

  /** A message went out. @param resets it is a reset that the device must carry out, if it does not refuse it */
  sent(req: Req, step: number, resets: boolean): void {
    this.config.sent(req, step, resets);
    switch (req.name) {
      case 'SET_DEVICE_STATE_FD':
        if (req.direction === 'save') return;
        this.untouched = false;
        this.abandoned = [];
        return;
      case 'SET_CONFIG':
      case 'RESET_DEVICE':
      case 'SET_STATUS':
      case 'SET_FEATURES':
      case 'RESET_OWNER':
      case 'SET_INFLIGHT_FD':
      case 'UNKNOWN':
      case 'SET_VRING_KICK':
      case 'VRING_KICK':
      case 'SET_VRING_BASE':
      case 'GET_VRING_BASE':
      case 'SET_VRING_NUM':
      case 'SET_VRING_ADDR':
      case 'SET_VRING_ENABLE':
        this.dirty();
        return;
      default:
        if (req.flaw === 'out-of-frame') this.dirty();
    }
  }

  /** A reply was matched: look at the values that it carries, and remember what was set. */
  matched(
    req: Req,
    reply: Reply,
    step: number,
    due: number,
    fields: Readonly<Record<string, unknown>>,
    track: Track,
  ): readonly Finding[] {
    if (req.name === 'GET_VRING_BASE') return this.base(req, reply, step, due, fields, track);
    if (req.name === 'RESET_DEVICE' && reply.output !== 'ack 0') this.config.refused();
    if (req.name !== 'GET_CONFIG' || reply.output !== 'value' || req.flaw !== '') return [];
    const bytes = reply.fields?.payload as Uint8Array | undefined;
    return bytes === undefined ? [] : this.config.read({ offset: Number(fields.offset), bytes, asked: due, step });
  }

  private base(
    req: Req,
    reply: Reply,
    step: number,
    due: number,
    fields: Readonly<Record<string, unknown>>,
    track: Track,
  ): readonly Finding[] {
    if (req.flaw !== '' || req.ring === 'other' || reply.output !== 'value') return [];
    const { index, num } = reply.fields as { index: number; num: number };
    const ring = track.registers.expectedBase.get(due);
    const failure = (clause: ClauseId, expected: string, observed: string): readonly Finding[] => [
      { clause, failure: { clause, step, expected: [expected], observed, situation: '', about: 'GET_VRING_BASE' } },
    ];
    if (index !== (fields.index as number))
      return failure('rings.base-returned', `ring ${fields.index}`, `ring ${index}`);
    if (ring === undefined) return [{ clause: 'rings.base-returned' }];
    const clause = ring.migrated ? 'outcome.vring-base' : 'rings.base-returned';
    if (num === ring.base) return [{ clause }];
    return failure(clause, `${ring.base}, as SET_VRING_BASE said: nothing was in the ring`, `${num}`);
  }

  /** CHECK answered. @param loaded the bytes of a load that were a good state. */
  checked(transfer: 'save' | 'load', good: boolean, step: number, loaded: Uint8Array | undefined): void {
    this.config.checked(transfer, good, step);
    if (transfer === 'load' && good) {
      this.dirty();
      if (this.options.comparable && loaded !== undefined) {
        this.expected = { bytes: loaded, clause: 'outcome.state-equal', why: 'the state that was loaded' };
      }
      return;
    }
    if (good) return;
    if (transfer === 'load' && this.options.comparable && this.stable && this.lastSave !== undefined) {
      this.expected = {
        bytes: this.lastSave,
        clause: 'outcome.failed-load-harmless',
        why: 'the state before the failed load',
      };
    } else if (transfer === 'load' && this.expected !== undefined) {
      this.expected = {
        ...this.expected,
        clause: 'outcome.failed-load-harmless',
        why: 'the state before the failed load',
      };
    }
  }

  /** CHECK answered for a save whose reader left. */
  abandon(save: Abandoned): void {
    this.abandoned.push(save);
  }

  /** A save was read to its end. @param special through a socket, or a non-blocking descriptor. */
  saved(bytes: Uint8Array, step: number, special: boolean): readonly Finding[] {
    const { expected, lastSave, untouched } = this;
    this.stable = lastSave !== undefined && equal(lastSave, bytes);
    this.lastSave = bytes;
    this.untouched = true;
    const failure = (clause: ClauseId, why: string, was: Uint8Array): readonly Finding[] => {
      this.expected = undefined;
      const place = { step, situation: '', about: 'read' };
      const failed = { clause, expected: [`${why}, ${was.length} bytes`], observed: difference(was, bytes), ...place };
      return [{ clause, failure: failed }];
    };
    if (this.options.comparable && untouched && lastSave !== undefined && cutOff(lastSave, bytes)) {
      return failure(special ? 'channel.any-kind' : 'channel.save-all', 'the state that was saved before', lastSave);
    }
    const early = this.abandoned.filter(({ most }) => most < bytes.length).map((save) => neverWhole(save, bytes));
    this.abandoned = [];
    if (early.some((finding) => finding.failure !== undefined)) return early;
    if (expected === undefined) return early;
    return equal(expected.bytes, bytes)
      ? [...early, { clause: expected.clause }]
      : failure(expected.clause, expected.why, expected.bytes);
  }
}

/** The state turns out to be more than can have gone out. */
function neverWhole({ most, good, step }: Abandoned, bytes: Uint8Array): Finding {
  const clause = 'check.truth-save';
  if (!good) return { clause };
  const failure: Failure = {
    clause,
    step,
    expected: [`an error (non-zero): of ${bytes.length} bytes ${most} at most can have gone out`],
    observed: '0 (success)',
    situation: 'save broken',
    about: 'CHECK_DEVICE_STATE',
  };
  return { clause, failure };
}

/** A state without its end. */
const cutOff = (whole: Uint8Array, part: Uint8Array): boolean =>
  part.length < whole.length && equal(whole.subarray(0, part.length), part);

function difference(expected: Uint8Array, bytes: Uint8Array): string {
  if (expected.length !== bytes.length) return `${bytes.length} bytes`;
  const at = expected.findIndex((byte, i) => byte !== bytes[i]);
  return `another state: they differ first at byte ${at}`;
}
