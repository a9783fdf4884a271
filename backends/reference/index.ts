/** A conformant vhost-user back-end: a device without a purpose, for trying out harness, model and campaigns. */
import type { Socket } from '../../native/index.js';
import { Device } from './device.js';
import { type ReferenceOptions, settings } from './options.js';
import { Faults } from './sabotage.js';
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
  /** Whether something of it lasts beyond that: a transfer, or what a fault never lets go of. */
  readonly lasts: boolean;
}

/** What the connections to one back-end have in common. */
interface Home {
  readonly identity: bigint;
  connections: number;
  /** The device of an earlier connection, which nothing but a fault uses again. */
  device?: Device;
}

const homes = new WeakMap<ReferenceOptions, Home>();
let made = 0n;

/** The home of an options object; its identity is not that of any other, in this process or another. */
function homeOf(options: ReferenceOptions): Home {
  let home = homes.get(options);
  if (home === undefined) {
    made += 1n;
    const identity = (process.hrtime.bigint() << 16n) ^ (BigInt(process.pid) << 40n) ^ made;
    home = { identity: BigInt.asUintN(64, identity), connections: 0 };
    homes.set(options, home);
  }
  home.connections++;
  return home;
}

/**
 * Serve one connection on this event loop. Takes the socket over. Every connection has a fresh device; those that are
 * served with the same options object are connections to the same back-end, see ReferenceOptions.
 */
export function serve(socket: Socket, options: ReferenceOptions = {}): Service {
  const set = settings(options);
  const home = homeOf(options);
  const faults = new Faults(set.faults, () => (options.crash ?? stop)());
  const earlier = faults.has('reconnect-stale') ? home.device : undefined;
  const device = earlier ?? new Device(home.identity, set.stateSize, faults);
  home.device = device;
  const session = new Session(socket, device, set, faults);
  let left: Transfer[] = [];
  let stopped = false;
  function stop(): void {
    stopped = true;
    session.stop();
    for (const transfer of left) transfer.cancel();
    faults.repair();
  }
  if (faults.has('reconnect-refused') && home.connections > 1) session.stop();
  const done = session.run().then((transfers) => {
    left = transfers;
    if (stopped) stop();
  });
  return {
    stop,
    done,
    get lasts() {
      return left.length > 0 || faults.holds;
    },
  };
}
