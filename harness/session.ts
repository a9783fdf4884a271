import type { Connection } from './connection.js';
import type { SessionFacts } from './history.js';
import type { Exit, Instance } from './target.js';

/** A transfer that SET_DEVICE_STATE_FD asked for. */
export interface Transfer {
  /** Names of the ends that went over. */
  readonly passed: ReadonlySet<string>;
  /** Names of their objects. */
  readonly objects: ReadonlySet<string>;
  /** Our end, where the trace says it. */
  readonly channel: string | undefined;
  /** `over` when its CHECK was answered, or SET_DEVICE_STATE_FD with an error, or the connection ended. */
  phase: 'asked' | 'running' | 'over';
  /** SET_DEVICE_STATE_FD was answered with an error. */
  failed: boolean;
}

/** A request that went out and will be answered by a message of its own. */
export interface Due {
  readonly request: number;
  readonly transfer?: Transfer;
}

/** A message that waits for the next one, to go out in one piece with it. */
export interface Held {
  readonly step: number;
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
  /** To be done once it is out. */
  readonly out: (complete: boolean, bytes: number) => void;
}

/** One session of a trace: a back-end process, and the connection to it. */
export class Session {
  /** `none`: never connected; `gone`: the back-end ended it; `left`: we did. */
  link: 'none' | 'live' | 'gone' | 'left' = 'none';
  connection: Connection | undefined;
  /** False once a message went out whose size field and length differ: nothing after it can be told apart. */
  framed = true;
  readonly held: Held[] = [];
  /** What the back-end offered on this connection, 0 until it was asked. */
  offered = { features: 0n, protocol: 0n };
  /** In the order of sending. */
  due: Due[] = [];
  /** The last wait for a message was in vain. */
  waits = false;
  transfers: Transfer[] = [];
  /** Request numbers with which an object went over, by its name. */
  readonly handed = new Map<string, Set<number>>();
  /** How the process ended by itself. */
  exit: Exit | undefined;
  /** Something happened after which this process shall not serve another trace. */
  odd = false;
  /** Sockets of its process when we left last. */
  sockets: ReadonlySet<string> = new Set();
  /** Its base line was taken, or cannot be. */
  based = false;
  /** The process was handed back to its target. */
  released = false;
  /** Its facts, as far as they are known. */
  readonly facts: { -readonly [K in keyof SessionFacts]: SessionFacts[K] } = { stderr: '' };

  constructor(
    readonly name: string,
    readonly instance: Instance,
  ) {
    if (instance.pid !== undefined) this.facts.pid = instance.pid;
  }

  /** A new connection to the same process knows nothing of the one before. */
  begin(connection: Connection): void {
    this.connection = connection;
    this.link = 'live';
    this.framed = true;
    this.waits = false;
    this.offered = { features: 0n, protocol: 0n };
  }

  /** The connection is over: nothing is due any more, and no transfer can go on. */
  end(link: 'gone' | 'left'): void {
    this.link = link;
    this.due = [];
    for (const transfer of this.transfers) transfer.phase = 'over';
    this.connection?.close();
  }
}
