import { FLAG_NEED_REPLY, messageOf, Request, Value64Error, WireError } from '../../model/wire/index.js';
import type { Descriptor, Socket } from '../../native/index.js';
import { type Encoded, encodeStep } from '../encode.js';
import { collect, drain } from '../incoming.js';
import { objectOf } from '../ledger.js';
import { limits } from '../limits.js';
import { baseLineWhenIdle, noticeGone } from '../process-watch.js';
import type { Run } from '../run-state.js';
import type { Session, Transfer } from '../session.js';
import type { MessageStep } from '../trace/step.js';
import { liveSession, skip } from './common.js';

/** Do a `call` or `send` step. */
export async function message(run: Run, step: MessageStep): Promise<void> {
  const session = liveSession(run, step.on);
  if (session === undefined) return;
  if (session.link === 'gone') {
    await flush(run, session);
    run.recorder.add(session.name, { type: 'sent', bytes: 0, complete: false });
    return;
  }
  let encoded: Encoded;
  try {
    encoded = encodeStep(step, session.offered);
  } catch (error) {
    if (!(error instanceof WireError || error instanceof Value64Error)) throw error;
    return skip(run, session.name, error.message);
  }
  const names = step.fds ?? [];
  const unusable = names.map((name) => run.ledger.use(name)).find((end) => typeof end === 'string');
  if (unusable !== undefined) return skip(run, session.name, String(unusable));
  if (session.held.length > 0 && names.length > 0) await flush(run, session);
  if (names.length > 0) await baseLineWhenIdle(run, session);

  const bytes = step.only === undefined ? encoded.bytes : encoded.bytes.subarray(0, step.only);
  const whole = bytes.length === encoded.bytes.length;
  session.held.push({
    step: run.recorder.step,
    bytes,
    names,
    out: (complete, sent) => {
      const value = encoded.value === undefined ? {} : { value: encoded.value };
      run.recorder.add(session.name, { type: 'sent', bytes: sent, complete, ...value }, held.step);
      if (sent > 0) handedOver(run, session, encoded.request, names);
      if (complete && whole && encoded.framed) account(session, step, encoded);
      else if (sent > 0) session.framed = false;
    },
  });
  const held = session.held.at(-1)!;
  if (step.glue) return;
  await flush(run, session, step.cut);
  // No answer is due to half a message; waiting for one would only cost a deadline.
  if (step.do === 'call' && whole) await answerTo(run, session, encoded);
}

/** Send a barrier: a request that must be answered, so that everything that comes before its reply is seen. */
export async function barrier(run: Run, session: Session): Promise<void> {
  await message(run, { do: 'call', message: 'GET_FEATURES', on: session.name });
}

/** Send what glued messages hold back. `cut` splits it; without it everything goes in one piece. */
export async function flush(run: Run, session: Session, cut: readonly number[] = []): Promise<void> {
  const held = session.held.splice(0);
  const { connection } = session;
  if (held.length === 0) return;
  if (connection === undefined || session.link !== 'live') {
    for (const part of held) part.out(false, 0);
    return;
  }
  const bytes = join(held.map((part) => part.bytes));
  const descriptors = held.flatMap((part) => descriptorsOf(run, part.names));
  let done = 0;
  let outcome: Awaited<ReturnType<typeof connection.send>> = { bytes: 0, outcome: 'all' };
  const before = bytes.length - (held.at(-1)?.bytes.length ?? 0);
  const ends = [...cut.map((offset) => before + offset).filter((o) => o > 0 && o < bytes.length), bytes.length];
  let patience = run.deadlineMs;
  for (const [index, end] of ends.entries()) {
    if (end <= done) continue;
    if (index > 0 && !(await untilTaken(run, connection.socket, patience))) patience = limits.cutWaitMs;
    outcome = await connection.send(bytes.subarray(done, end), done === 0 ? descriptors : [], run.deadlineMs);
    done += outcome.bytes;
    if (outcome.outcome !== 'all') break;
  }
  let left = done;
  for (const part of held) {
    const sent = Math.min(left, part.bytes.length);
    left -= sent;
    part.out(sent === part.bytes.length && outcome.outcome !== 'error', sent);
  }
  if (outcome.outcome === 'error') skip(run, session.name, `send: ${outcome.error}`);
  if (outcome.outcome === 'gone') {
    // What it said before it went comes first.
    await drain(run, session);
    await noticeGone(run, session, connection.rest);
  }
}

/**
 * Wait until the peer has taken what was sent, so that it sees the next piece apart from it, at most `ms` milliseconds: one
 * that waits for the whole message before it takes any of it is in its right.
 */
async function untilTaken(run: Run, socket: Socket, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (socket.unread) {
    if (performance.now() >= until || (await run.wait(socket, 'readable', 1))) return false;
  }
  return true;
}

/** Wait for the reply to a request that is out. */
async function answerTo(run: Run, session: Session, { request, plain }: Encoded): Promise<void> {
  if (session.link !== 'live') return;
  const begin = performance.now();
  // GET_FEATURES is answered under all circumstances: its reply is the one to the last of those that are out. No other
  // request lets us count on that, so there the first message with the number ends the wait.
  const counts = plain && request === Request.GET_FEATURES;
  const outcome = await collect(run, session, run.deadlineMs, (got) => {
    if (got.request !== request) return false;
    return !counts || !session.due.some((due) => due.request === request);
  });
  if (outcome !== 'quiet') return;
  session.odd = true;
  run.recorder.add(session.name, { type: 'quiet', waitedMs: Math.round(performance.now() - begin) });
}

/** A whole message is out: what will come of it. */
function account(session: Session, step: MessageStep, { request, plain }: Encoded): void {
  session.connection?.expect();
  const passed = new Set(step.fds ?? []);
  if (request === Request.SET_DEVICE_STATE_FD) {
    const objects = new Set([...passed].map(objectOf));
    const transfer: Transfer = { passed, objects, channel: step.channel, phase: 'asked', failed: false };
    session.transfers.push(transfer);
    session.due.push({ request, transfer });
    return;
  }
  const asked = ((step.flags ?? 0) & FLAG_NEED_REPLY) !== 0 || step.needReply === true;
  const answered = messageOf(request)?.replies === 'always' || asked;
  if (answered && (plain || request !== Request.GET_FEATURES)) session.due.push({ request });
}

function handedOver(run: Run, session: Session, request: number, names: readonly string[]): void {
  run.monitors.handed(session.name, request, names);
  for (const name of names) {
    const object = objectOf(name);
    const uses = session.handed.get(object) ?? new Set();
    session.handed.set(object, uses.add(request));
  }
}

/** Between holding a message back and sending it, a trace may have closed a descriptor: then it goes without. */
function descriptorsOf(run: Run, names: readonly string[]): Descriptor[] {
  return names.flatMap((name) => {
    const end = run.ledger.use(name);
    return typeof end === 'string' ? [] : [end.descriptor];
  });
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
