import { encodeMessage, Request } from '../model/wire/index.js';
import { waitFor } from '../native/index.js';
import { Connection } from './connection.js';
import { limits } from './limits.js';
import { learnHabits } from './process-watch.js';
import type { Instance, Target } from './target.js';
import { UserError } from './user-error.js';

/**
 * How long a due answer of this target is to be waited for: far more than the slowest of a few round trips on a fresh
 * back-end took, within the bounds of `limits`. A back-end that does not answer at all gets the longest.
 * @returns milliseconds @throws UserError where nobody can connect to it.
 */
export async function calibrate(target: Target): Promise<number> {
  const instance = await target.take();
  try {
    const slowest = await slowestRoundTrip(await connect(target, instance), limits.calibrationRounds);
    const wanted = Math.ceil(slowest * limits.deadlineFactor);
    const deadlineMs = Math.min(Math.max(wanted, limits.deadlineMinMs), limits.deadlineMaxMs);
    await learnHabits(target, instance, () => answersAgain(instance, deadlineMs), deadlineMs);
    return deadlineMs;
  } finally {
    await target.release(instance, false);
  }
}

async function connect(target: Target, instance: Instance): Promise<Connection> {
  const spin = instance.inProcess ? 0 : limits.spinUs;
  try {
    const socket = await instance.connect(limits.deadlineMaxMs);
    return new Connection(socket, (d, what, ms) => waitFor(d, what, ms, spin));
  } catch (error) {
    const said = instance.stderr().trim();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot connect to ${target.name}: ${reason}${said === '' ? '' : `; it said: ${said}`}`);
  }
}

/** Whether it serves another connection. One that is accepted proves nothing: the kernel accepts for who is about to end. */
async function answersAgain(instance: Instance, deadlineMs: number): Promise<boolean> {
  try {
    const socket = await instance.connect(deadlineMs);
    const connection = new Connection(socket, (d, what, ms) => waitFor(d, what, ms, limits.spinUs));
    return Number.isFinite(await slowestRoundTrip(connection, 1));
  } catch {
    return false;
  }
}

/** Milliseconds; Infinity where an answer did not come. Closes the connection. */
async function slowestRoundTrip(connection: Connection, rounds: number): Promise<number> {
  const request = encodeMessage({ request: Request.GET_FEATURES });
  let slowest = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now();
      connection.expect();
      const sent = await connection.send(request, [], limits.deadlineMaxMs);
      if (sent.outcome !== 'all' || !(await answered(connection, begin))) return Number.POSITIVE_INFINITY;
      slowest = Math.max(slowest, performance.now() - begin);
    }
    return slowest;
  } finally {
    connection.close();
  }
}

async function answered(connection: Connection, begin: number): Promise<boolean> {
  for (;;) {
    const found = connection.next();
    if (found?.type === 'message') {
      for (const d of found.message.descriptors) d.close();
      if (found.message.request === Request.GET_FEATURES) return true;
    } else if (found !== undefined) {
      return false;
    }
    const left = limits.deadlineMaxMs - (performance.now() - begin);
    if (left <= 0) return false;
    if (found === undefined) await connection.readable(left);
  }
}
