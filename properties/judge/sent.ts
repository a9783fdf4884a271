/** A message went out: the model takes it in, and what went with it is remembered. */
import type { MessageStep, Step } from '../../harness/trace/step.js';
import { has } from '../../model/session/index.js';
import { given } from './channel/begin.js';
import type { Context, EventOf } from './context.js';
import { labelOf, transitionOf } from './label.js';
import { type Registers, type RingRegisters, remember } from './registers.js';
import { type Abstracted, abstract } from './request.js';
import { indicesOf, isIdle } from './ring-memory.js';

export function sent(ctx: Context, event: EventOf<'sent'>, step: Step): void {
  const track = ctx.track(event.on);
  if (step.do !== 'call' && step.do !== 'send') return;
  // A message whose first pieces went out is one that the back-end did not wait for the rest of.
  if (!event.complete && !(event.bytes > 0 && (step.cut?.length ?? 0) > 0)) return;
  let abstracted: Abstracted;
  try {
    abstracted = abstract(step, { things: ctx.things, registers: track.registers, gluedBefore: ctx.glued });
  } catch {
    track.lost = true;
    return;
  }
  const { req, encoded, fields } = abstracted;
  ctx.requests.set(event.step, abstracted);
  if (track.lost) return track.sentUnjudged(req, encoded.request, event.step);
  const ring = req.name === 'SET_VRING_KICK' && req.ring !== 'other' ? track.registers.ring[req.ring] : undefined;
  if (ring !== undefined && outOfIndex(ctx, track.registers, ring)) {
    track.lost = true;
    return;
  }
  const base = ring !== undefined && isIdle(ctx.things, track.registers, ring) ? ring.base : undefined;
  ctx.transition(event.on, transitionOf(labelOf(step, req.flaw), req));
  ctx.reach(track.sent(req, encoded.request, event.step));
  if (req.name !== 'SET_DEVICE_STATE_FD') uses(ctx, event.on, step, req.flaw === '', event.step);
  else given(ctx, event.on, step, req.direction, event.step);
  remember(track.registers, req, fields, event.step, step.fds);
  if (ring !== undefined) ring.base = base;
  const resets = req.name === 'RESET_DEVICE' && req.flaw === '' && track.all((s) => has(s.negotiated, 'RESET_DEVICE'));
  ctx.device(event.on).sent(req, event.step, resets);
}

/** A ring that is started at an index which its memory does not have: what is processed then is garbage. */
function outOfIndex(ctx: Context, registers: Registers, ring: RingRegisters): boolean {
  const { available } = indicesOf(ctx.things, registers, ring);
  return (available ?? 0) !== ring.index;
}

/** Remember which objects went with a message, so that it is known what may be held. */
function uses(ctx: Context, on: string, step: MessageStep, good: boolean, at: number): void {
  const role = labelOf(step);
  for (const name of step.fds ?? []) {
    const index = step.with?.index ?? (typeof step.with?.value === 'number' ? step.with.value & 0xff : '');
    ctx.things.get(name)?.uses.push({ session: on, role: `${role} ${index}`, step: at, good });
  }
}
