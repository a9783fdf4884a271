/** What a session's device is known to hold: ring indices, configuration, state. Concrete values beside the model. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { Output, Req } from '../../model/session/index.js';
import { formatHex } from '../../model/wire/index.js';
import type { Failure, Track } from './track.js';

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
        if (req.direction !== 'save') this.config = undefined;
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
    if (ring === undefined || num === ring.base) return [{ clause: 'rings.base-returned' }];
    const clause = ring.migrated ? 'outcome.vring-base' : 'rings.base-returned';
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
    if (config?.key === key && !equal(config.bytes, bytes) && config.since === 'failed transfer') {
      return failure('outcome.resume-source', config.bytes);
    }
    if (initial === undefined && !this.configured) this.initial = { key, bytes };
    if (initial?.key !== key) return [];
    if (this.reset && !equal(initial.bytes, bytes)) return failure('rings.reset-device', initial.bytes);
    if (this.reconnects > 0 && !this.configured && !equal(initial.bytes, bytes))
      return failure('robust.reconnect', initial.bytes);
    return [];
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

  /** A whole save was read. */
  saved(bytes: Uint8Array, step: number): Failure | undefined {
    const { expected } = this;
    this.stable = this.lastSave !== undefined && equal(this.lastSave, bytes);
    this.lastSave = bytes;
    if (expected === undefined || equal(expected.bytes, bytes)) return undefined;
    this.expected = undefined;
    return {
      clause: expected.clause,
      step,
      expected: [`${expected.why}, ${expected.bytes.length} bytes`],
      observed: difference(expected.bytes, bytes),
      situation: '',
      about: 'read',
    };
  }
}

function difference(expected: Uint8Array, bytes: Uint8Array): string {
  if (expected.length !== bytes.length) return `${bytes.length} bytes`;
  const at = expected.findIndex((byte, i) => byte !== bytes[i]);
  return `another state: they differ first at byte ${at}`;
}
