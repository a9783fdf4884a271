import { decodePayload, decodeStateReply, FLAG_REPLY, Request } from '../model/wire/index.js';
import type { Descriptor } from '../native/index.js';
import { lookAtChannels } from './held.js';
import type { ReceivedDescriptor } from './history.js';
import type { StreamMessage } from './message-stream.js';
import { baseLine, noticeGone } from './process-watch.js';
import type { Run } from './run-state.js';
import type { Due, Session } from './session.js';

type Message = StreamMessage<Descriptor>;

/**
 * Take messages from the back-end, each an event, until one is `enough`, the connection is gone, or `ms` milliseconds
 * passed since the last that counted as progress (`again`: every message starts the time anew).
 */
export async function collect(
  run: Run,
  session: Session,
  ms: number,
  enough: (message: Message) => boolean,
  again = false,
): Promise<'enough' | 'gone' | 'quiet'> {
  let since = performance.now();
  for (;;) {
    const message = await takeNext(run, session);
    if (session.link !== 'live') return 'gone';
    if (message !== undefined) {
      if (enough(message)) return 'enough';
      if (again) since = performance.now();
      continue;
    }
    const left = ms - (performance.now() - since);
    if (left <= 0) {
      session.waits = true;
      return 'quiet';
    }
    await session.connection?.readable(left);
  }
}

/** Take what is there without waiting. */
export async function drain(run: Run, session: Session): Promise<void> {
  while (session.link === 'live' && (await takeNext(run, session)) !== undefined);
}

/** Take and record the next message, if one is there; sees the end of the connection too. */
async function takeNext(run: Run, session: Session): Promise<Message | undefined> {
  const found = session.connection?.next();
  if (found === undefined) return undefined;
  if (found.type === 'message') {
    await take(run, session, found.message);
    return found.message;
  }
  if (found.type === 'garbage') {
    session.odd = true;
    run.recorder.add(session.name, { type: 'garbage', reason: found.reason, bytes: found.bytes });
    session.end('left');
    return undefined;
  }
  await noticeGone(run, session, found.rest);
  return undefined;
}

/** Record one message, and do what it asks of a front-end. */
async function take(run: Run, session: Session, message: Message): Promise<void> {
  const { request, flags, payload, descriptors } = message;
  baseLine(session);
  session.waits = false;
  const described = descriptors.map((d) => describe(run, d));
  run.recorder.add(session.name, { type: 'message', request, flags, payload, descriptors: described });
  const due = settle(session, request);
  const word = u64Of(payload);
  let kept: Descriptor | undefined;
  let finished = false;
  if (request === Request.GET_FEATURES && word !== undefined) session.offered.features = word;
  if (request === Request.GET_PROTOCOL_FEATURES && word !== undefined) session.offered.protocol = word;
  if (request === Request.SET_DEVICE_STATE_FD && word !== undefined && due?.transfer !== undefined) {
    const { transfer } = due;
    const { error, noFd } = decodeStateReply(word);
    transfer.failed = error !== 0;
    transfer.phase = transfer.failed ? 'over' : 'running';
    finished = transfer.failed;
    const own = descriptors.length === 1 && !noFd && error === 0 ? descriptors[0] : undefined;
    // Source: the front-end must then discard its channel and use the one provided by the back-end.
    if (own !== undefined && transfer.channel !== undefined && run.ledger.rebind(transfer.channel, own)) kept = own;
  }
  for (const d of descriptors) if (d !== kept) d.close();
  if (request === Request.CHECK_DEVICE_STATE && flags & FLAG_REPLY) {
    for (const transfer of session.transfers) if (transfer.phase === 'running') transfer.phase = 'over';
    finished = true;
  }
  if (finished) await lookAtChannels(run, session);
}

/**
 * Find the request that a message answers. Replies come in the order of requests, so what is older was not answered and
 * will not be.
 */
function settle(session: Session, request: number): Due | undefined {
  const index = session.due.findIndex((due) => due.request === request);
  if (index < 0) return undefined;
  const due = session.due[index]!;
  for (const older of session.due.slice(0, index)) if (older.transfer !== undefined) older.transfer.phase = 'over';
  session.due = session.due.slice(index + 1);
  return due;
}

function u64Of(payload: Uint8Array): bigint | undefined {
  return payload.length === 8 ? decodePayload('u64', payload).value : undefined;
}

function describe(run: Run, descriptor: Descriptor): ReceivedDescriptor {
  const sameAs = run.ledger.nameOf(descriptor);
  const { kind } = descriptor.stat();
  return { kind, access: descriptor.access, ...(sameAs === undefined ? {} : { sameAs }) };
}
