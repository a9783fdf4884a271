/** A message of the back-end, abstracted: which outputs of the model it is, or what is wrong with it whatever was asked. */
import type { HistoryEvent } from '../../harness/history.js';
import type { ClauseId } from '../../model/clauses/index.js';
import type { Output, Req } from '../../model/session/index.js';
import {
  decodePayload,
  decodeStateReply,
  FLAG_REPLY,
  formatHex,
  messages,
  requestName,
  VERSION,
  VERSION_MASK,
} from '../../model/wire/index.js';

export type MessageEvent = Extract<HistoryEvent, { type: 'message' }>;

/** What a message is. */
export type Observed =
  | {
      readonly output: Output;
      readonly value?: bigint;
      readonly fields?: Readonly<Record<string, unknown>>;
      readonly high?: bigint;
    }
  | { readonly clause: ClauseId; readonly why: string };

const wrong = (clause: ClauseId, why: string): Observed => ({ clause, why });

function u64(payload: Uint8Array): bigint | undefined {
  return payload.length === 8 ? decodePayload('u64', payload).value : undefined;
}

function setReply(event: MessageEvent): Observed {
  const value = u64(event.payload);
  if (value === undefined) return wrong('header.reply-size', `a payload of ${event.payload.length} bytes, not 8`);
  const { error, noFd, high } = decodeStateReply(value);
  const fds = event.descriptors.length;
  if (error !== 0) {
    return fds > 0
      ? wrong('set.no-error-with-fd', `error ${error} together with a descriptor`)
      : { output: 'set error', value, high };
  }
  if (noFd && fds > 0) return wrong('set.reply-no-fd-bit', 'bit 8 is set, and a descriptor came');
  if (!noFd && fds === 0) return wrong('set.reply-no-fd-bit', 'bit 8 is clear, and no descriptor came');
  if (fds > 1) return wrong('set.own-channel', `${fds} descriptors came`);
  return { output: noFd ? 'set ok' : 'set ok own', value, high };
}

/** Whether a descriptor that the back-end sent can be the end of the channel that we need. */
export function usable(event: MessageEvent, direction: Req['direction']): boolean {
  const access = event.descriptors[0]?.access;
  return access === 'both' || access === (direction === 'save' ? 'read' : 'write');
}

/**
 * Abstract a reply. @param req the request that it answers. @param asAck it can only be an acknowledgement.
 */
export function observe(event: MessageEvent, req: Req): readonly Observed[] {
  if ((event.flags & VERSION_MASK) !== VERSION)
    return [wrong('header.version', `version ${event.flags & VERSION_MASK}`)];
  if ((event.flags & FLAG_REPLY) === 0) return [wrong('header.reply-flag', 'the reply flag is not set')];
  const { payload } = event;
  const value = u64(payload);
  if (req.name === 'SET_DEVICE_STATE_FD') return [setReply(event)];
  if (req.name === 'CHECK_DEVICE_STATE') {
    if (value === undefined) return [wrong('header.reply-size', `a payload of ${payload.length} bytes, not 8`)];
    return [{ output: value === 0n ? 'check 0' : 'check error', value }];
  }
  const out: Observed[] = [];
  const spec = req.name === 'UNKNOWN' ? undefined : messages[req.name];
  const own = spec === undefined || spec.reply === 'none' ? undefined : spec.reply;
  if (own !== undefined) {
    try {
      const fields = decodePayload(own, payload) as Record<string, unknown>;
      out.push({ output: 'value', fields, ...(value === undefined ? {} : { value }) });
    } catch {
      // Not what its type says; perhaps one of the others.
    }
    if (payload.length === 0 || req.name === 'GET_CONFIG') out.push({ output: 'value error' });
  }
  if (value !== undefined && own === undefined) out.push({ output: value === 0n ? 'ack 0' : 'ack error', value });
  if (value !== undefined && own === 'u64') out.push({ output: value === 0n ? 'ack 0' : 'ack error', value });
  if (payload.length === 0) out.push({ output: 'empty' });
  if (spec !== undefined && payload.length > 8) out.push({ output: 'echo' });
  return out.length > 0 ? out : [wrong('header.reply-size', `a payload of ${payload.length} bytes`)];
}

/** As a report says it. */
export function describe(event: MessageEvent): string {
  const hex = formatHex(event.payload.subarray(0, 16));
  const value = u64(event.payload);
  const payload =
    value !== undefined
      ? `0x${value.toString(16)}`
      : event.payload.length === 0
        ? 'no payload'
        : `${event.payload.length} bytes ${hex}`;
  const fds = event.descriptors.length;
  return `reply ${requestName(event.request)}: ${payload}${fds === 0 ? '' : ` with ${fds} descriptor${fds === 1 ? '' : 's'}`}`;
}
