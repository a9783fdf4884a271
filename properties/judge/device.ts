/** What a session's device is known to hold: ring indices, configuration, state. Concrete values beside the model. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { Output, Req } from '../../model/session/index.js';
import { formatHex } from '../../model/wire/index.js';
import type { Failure } from './candidate.js';
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

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class Device {
  /** The configuration that a GET_CONFIG of these bounds brought last, and why it may no more differ. */
  private config: { key: string; bytes: Uint8Array; since: 'nothing' | 'failed transfer' } | undefined;
  /** The first GET_CONFIG of the process, before anything was set. */
  private initial: { key: string; bytes: Uint8Array } | undefined;
  private configured = false;
  private reset = false;
  /** The next whole save must bring this. */
  private expected: { bytes: Uint8Array; clause: ClauseId; why: string } | undefined;
  private lastSave: Uint8Array | undefined;
  private stable = false;
  /** Nothing was done since the last save that may have changed the device. */
  private untouched = false;
  private reconnects = 0;

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
  }
  unknown(): void {
    this.dirty();
    this.config = undefined;
    this.configured = true;
  }
  left(): void {
    this.dirty();
    this.config = undefined;
    this.reset = false;
    this.configured = false;
    this.reconnects++;
  }

  sent(req: Req): void {
    switch (req.name) {
      case 'SET_CONFIG':
        this.config = undefined;
        this.configured = true;
        this.reset = false;
        this.dirty();
        return;
      case 'RESET_DEVICE':
        this.config = undefined;
        this.reset = req.flaw === '';
        this.dirty();
        return;
      case 'SET_STATUS':
      case 'SET_FEATURES':
      case 'RESET_OWNER':
      case 'SET_INFLIGHT_FD':
      case 'UNKNOWN':
        this.dirty();
        this.config = undefined;
        if (req.name !== 'SET_FEATURES') this.configured = true;
        return;
      case 'SET_DEVICE_STATE_FD':
        if (req.direction === 'save') return;
        this.config = undefined;
        this.untouched = false;
        return;
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
        if (req.flaw === 'out-of-frame') this.unknown();
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
    if (req.name === 'GET_CONFIG' && reply.output === 'value' && req.flaw === '')
      return this.configReply(reply, step, fields);
    return [];
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
    return failure(clause, `${ring.base}, as SET_VRING_BASE said: the ring never ran`, `${num}`);
  }

  private configReply(reply: Reply, step: number, fields: Readonly<Record<string, unknown>>): readonly Finding[] {
    const key = `${fields.offset} ${fields.size}`;
    const bytes = reply.fields?.payload as Uint8Array | undefined;
    if (bytes === undefined) return [];
    const failure = (clause: ClauseId, expected: Uint8Array): readonly Finding[] => [
      {
        clause,
        failure: {
          clause,
          step,
          expected: [`the configuration ${formatHex(expected)}`],
          observed: formatHex(bytes),
          situation: '',
          about: 'GET_CONFIG',
        },
      },
    ];
    const { config, initial } = this;
    this.config = { key, bytes, since: 'nothing' };
    const same = (clause: ClauseId, expected: Uint8Array): readonly Finding[] =>
      equal(expected, bytes) ? [{ clause }] : failure(clause, expected);
    const resumed =
      config?.key === key && config.since === 'failed transfer' ? same('outcome.resume-source', config.bytes) : [];
    if (resumed[0]?.failure !== undefined) return resumed;
    if (initial === undefined && !this.configured) this.initial = { key, bytes };
    if (initial?.key !== key) return resumed;
    if (this.reset) return [...resumed, ...same('rings.reset-device', initial.bytes)];
    if (this.reconnects > 0 && !this.configured) return [...resumed, ...same('robust.reconnect', initial.bytes)];
    return resumed;
  }
  /** CHECK answered. @param loaded the bytes of a load that were a good state. */
  checked(transfer: 'save' | 'load' | 'none', good: boolean, loaded: Uint8Array | undefined): void {
    if (transfer === 'load' && good) {
      this.configured = true;
      this.dirty();
      if (this.options.comparable && loaded !== undefined) {
        this.expected = { bytes: loaded, clause: 'outcome.state-equal', why: 'the state that was loaded' };
      }
      return;
    }
    if (good) return;
    if (this.config !== undefined) this.config.since = 'failed transfer';
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
    if (expected === undefined) return [];
    return equal(expected.bytes, bytes)
      ? [{ clause: expected.clause }]
      : failure(expected.clause, expected.why, expected.bytes);
  }
}

/** A state without its end. */
const cutOff = (whole: Uint8Array, part: Uint8Array): boolean =>
  part.length < whole.length && equal(whole.subarray(0, part.length), part);

function difference(expected: Uint8Array, bytes: Uint8Array): string {
  if (expected.length !== bytes.length) return `${bytes.length} bytes`;
  const at = expected.findIndex((byte, i) => byte !== bytes[i]);
  return `another state: they differ first at byte ${at}`;
}
