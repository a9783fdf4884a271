import type { Instance } from '../harness/target.js';
import { encodeMessage, HEADER_SIZE, Request } from '../model/wire/index.js';
import { waitFor } from '../native/index.js';
import { PROBE_LIMIT_MS } from './limits.js';

/**
 * Whether a back-end that was left serves another connection: ask it one thing that every back-end answers.
 *
 * A connection alone proves nothing. The kernel completes it while the old listening socket is still open, also of a
 * process that is just about to end because its front-end left.
 */
export async function answersAgain(instance: Instance): Promise<boolean> {
  let socket: Awaited<ReturnType<Instance['connect']>>;
  try {
    socket = await instance.connect(PROBE_LIMIT_MS);
  } catch {
    return false;
  }
  try {
    socket.send(encodeMessage({ request: Request.GET_FEATURES, fields: {} }));
    if (!(await waitFor(socket, 'readable', PROBE_LIMIT_MS))) return false;
    const answer = socket.receive(HEADER_SIZE);
    for (const descriptor of answer?.descriptors ?? []) descriptor.close();
    return answer !== undefined && !answer.end && answer.bytes.length > 0;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
