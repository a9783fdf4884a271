/** A conformant vhost-user back-end: a device without a purpose, for trying out harness, model and campaigns. */
import type { Socket } from '../../native/index.js';
import { Device } from './device.js';
import { type ReferenceOptions, settings } from './options.js';
import { Session } from './session.js';
import type { Transfer } from './transfer/transfer.js';

export { type Fault, type FaultName, faults } from './faults.js';
export { parseReferenceArgs, type ReferenceArguments, type ReferenceOptions } from './options.js';
export { STATE_OVERHEAD } from './state.js';
export { type Question, questions, type Variants } from './variants.js';

/** One connection that is being served. */
export interface Service {
  /** End it, and every transfer that outlived it. */
  stop(): void;
  /** Resolves when the connection is over and its descriptors are closed. */
  readonly done: Promise<void>;
}

const identities = new WeakMap<ReferenceOptions, bigint>();
let made = 0n;

/** An identity for each options object, different from those of other processes. */
function identityOf(options: ReferenceOptions): bigint {
  let identity = identities.get(options);
  if (identity === undefined) {
    made += 1n;
    identity = BigInt.asUintN(64, (process.hrtime.bigint() << 16n) ^ (BigInt(process.pid) << 40n) ^ made);
    identities.set(options, identity);
  }
  return identity;
}

/**
 * Serve one connection on this event loop. Takes the socket over. Every connection has a fresh device; those that are
 * served with the same options object are connections to the same back-end, see ReferenceOptions.
 */
export function serve(socket: Socket, options: ReferenceOptions = {}): Service {
  const set = settings(options);
  const device = new Device(identityOf(options), set.stateSize, set.faults);
  const session = new Session(socket, device, set);
  let left: Transfer[] = [];
  let stopped = false;
  const done = session.run().then((transfers) => {
    left = transfers;
    if (stopped) for (const transfer of left) transfer.cancel();
  });
  return {
    stop() {
      stopped = true;
      session.stop();
      for (const transfer of left) transfer.cancel();
    },
    done,
  };
}
