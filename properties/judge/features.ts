/** What replies show of the features that the back-end offers. */
import { messages, ProtocolFeature, type RequestName } from '../../model/wire/index.js';
import type { Match } from './candidate.js';
import type { Context, EventOf } from './context.js';
import type { Track } from './track.js';

/** What is offered before SET_FEATURES is what is offered behind it: that message is not what makes it known. */
export function offersEarly(ctx: Context, event: EventOf<'message'>, track: Track, value: bigint): void {
  const { registers } = track;
  if (!track.all((s) => s.link === 'up')) return;
  if (track.all((s) => s.features === 'none')) {
    registers.protocolEarly = value;
    return;
  }
  const { protocolEarly } = registers;
  if (protocolEarly === undefined || protocolEarly === value || track.states.some((s) => s.features === 'none')) return;
  ctx.fail(event.on, {
    clause: 'features.protocol-bit',
    step: event.step,
    expected: [`the same protocol features as before SET_FEATURES, 0x${protocolEarly.toString(16)}`],
    observed: `0x${value.toString(16)}`,
    situation: '',
    about: 'GET_PROTOCOL_FEATURES',
  });
}

/** An acknowledgement of success for a feature that was never offered, where the same was refused before it was asked for. */
export function onlyOffered(ctx: Context, event: EventOf<'message'>, track: Track, { due, observed }: Match): void {
  const { req } = due;
  const { registers } = track;
  const feature = req.name === 'UNKNOWN' ? undefined : messages[req.name as RequestName].feature;
  if (feature === undefined || req.flaw !== '' || registers.protocol === undefined) return;
  const bit = 1n << BigInt(ProtocolFeature[feature]);
  if ((registers.protocol & bit) !== 0n) return;
  const asked = ctx.trace.some(
    (s, i) =>
      i < due.step &&
      (s.do === 'call' || s.do === 'send') &&
      ctx.requests.get(i)?.req.name === 'SET_PROTOCOL_FEATURES' &&
      (ctx.requests.get(i)!.req.value & bit) !== 0n,
  );
  const refusedBefore = registers.refused.has(req.name);
  if (observed.output === 'ack error') registers.refused.add(req.name);
  if (!asked || !refusedBefore) return;
  ctx.reach(['features.only-offered']);
  if (observed.output !== 'ack 0') return;
  ctx.fail(event.on, {
    clause: 'features.only-offered',
    step: event.step,
    expected: [`${feature} was not offered: an error, as before it was asked for`],
    observed: `${req.name} succeeds since SET_PROTOCOL_FEATURES asked for it`,
    situation: '',
    about: req.name,
  });
}
