/** A message of the back-end came: it answers something, or is nothing that it may send. */
import { learned } from '../../model/session/index.js';
import type { Match } from './candidate.js';
import { own } from './channel/begin.js';
import { mostSaved } from './channel/close.js';
import type { Context, EventOf } from './context.js';
import { offersEarly, onlyOffered } from './features.js';
import { total } from './things.js';
import type { Track } from './track.js';

export function replied(ctx: Context, event: EventOf<'message'>): void {
  const track = ctx.track(event.on);
  if (track.lost) return track.messageUnjudged(event.request);
  const found = track.message(event);
  if (found === undefined) return;
  if ('clause' in found) return ctx.fail(event.on, found);
  matched(ctx, event, track, found);
}

function matched(ctx: Context, event: EventOf<'message'>, track: Track, match: Match): void {
  const { due, observed } = match;
  const { req } = due;
  ctx.reach(['communication.backend-req', ...match.reached]);
  if (observed.value !== undefined && observed.output === 'value') {
    if (req.name === 'GET_FEATURES') track.registers.features = observed.value;
    if (req.name === 'GET_PROTOCOL_FEATURES') {
      track.registers.protocol = observed.value;
      offersEarly(ctx, event, track, observed.value);
    }
    track.change((s) => learned(s, req.name, observed.value!));
  }
  if (observed.output === 'set ok own') own(ctx, event, track, due.step);
  if (req.name === 'CHECK_DEVICE_STATE') checked(ctx, track, observed.output === 'check 0', due.step);
  // What was refused is not as we said; whatever it was, the rings may rest on it.
  if (observed.output === 'ack error') for (const ring of track.registers.ring) ring.base = undefined;
  onlyOffered(ctx, event, track, match);
  const fields = ctx.requests.get(due.step)?.fields ?? {};
  for (const finding of ctx.device(event.on).matched(req, observed, event.step, due.step, fields, track)) {
    ctx.reach([finding.clause]);
    if (finding.failure !== undefined) ctx.fail(event.on, finding.failure);
  }
}

/** CHECK_DEVICE_STATE, sent at this step, was answered: what was saved is known to be good, what was loaded to be taken. */
function checked(ctx: Context, track: Track, good: boolean, step: number): void {
  const [state] = track.states;
  if (state === undefined || state.transfer === 'none') return;
  const { transfer, content } = state;
  if (transfer === 'save' && good)
    for (const saved of ctx.saved.values())
      if (saved.session === track.name && track.follows(saved.via)) saved.good = true;
  const device = ctx.device(track.name);
  if (!track.all((s) => s.muddled === 'no')) return device.unknown(step);
  const last = ctx.channels.get(track.name);
  const thing = track.follows(last?.channelOf?.step) ? last : undefined;
  device.checked(transfer, good, step, content === 'valid' && thing !== undefined ? total(thing) : undefined);
  const most = thing === undefined ? undefined : mostSaved(thing);
  if (most !== undefined && track.all((s) => s.transfer === 'save' && s.end === 'broken' && s.sink === 'good'))
    device.abandon({ most, good, step });
}
