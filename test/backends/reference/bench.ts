/** Start back-ends in this process, and end them without a trace. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { type ReferenceOptions, type Service, serve } from '../../../backends/reference/index.js';
import { type Descriptor, memfd, openDescriptors, openFile, pipe, Socket, unclosed } from '../../../native/index.js';
import { FrontEnd } from './front-end.js';

/** What a test works with. */
export interface Bench {
  /** A connection to a back-end with these options; the same object means the same back-end. Features are negotiated
   * unless `plain` is set. */
  connect(options?: ReferenceOptions, plain?: 'plain'): Promise<FrontEnd>;
  /** Leave, and wait until the back-end has noticed. */
  leave(fe: FrontEnd): Promise<void>;
  /** Close these at the end, where the test has not. */
  own<T extends Descriptor>(...descriptors: T[]): T[];
}

/**
 * Run `test` with back-ends in this process. Afterwards everything that it started has ended, and neither wrappers nor
 * descriptor numbers are left over: whatever the test did, the back-end has leaked nothing.
 */
export async function withBench(test: (bench: Bench) => Promise<void>): Promise<void> {
  const wrappers = unclosed().length;
  const numbers = openDescriptors().length;
  const services = new Map<FrontEnd, Service>();
  const owned: Descriptor[] = [];
  const leave = async (fe: FrontEnd): Promise<void> => {
    fe.close();
    await services.get(fe)?.done;
  };
  try {
    await test({
      async connect(options = {}, plain) {
        const [ours, theirs] = Socket.pair(['test front-end', 'main socket']);
        const fe = new FrontEnd(ours);
        services.set(fe, serve(theirs, options));
        if (plain === undefined) await fe.negotiate();
        return fe;
      },
      leave,
      own(...descriptors) {
        owned.push(...descriptors);
        return descriptors;
      },
    });
  } finally {
    for (const fe of services.keys()) await leave(fe);
    for (const d of owned) if (!d.closed) d.close();
    for (const service of services.values()) service.stop();
  }
  expect(unclosed().slice(wrappers)).toEqual([]);
  // A thread gives its descriptors back when it has ended, which takes a moment.
  for (let i = 0; i < 400 && openDescriptors().length > numbers; i++) await setTimeout(5);
  expect(openDescriptors().length).toBe(numbers);
}

/** One kind of channel: two ends, of which `ours` stays with the front-end. */
export interface Channel {
  readonly name: string;
  /** Both ends; for a file they are two openings of it. */
  make(direction: 'save' | 'load', directory: string): { ours: Descriptor; theirs: Descriptor };
  /** A file has to be written before it is handed over, and is read after the back-end closed it. */
  readonly file: boolean;
}

const piped = (name: string, options: Parameters<typeof pipe>[1]): Channel => ({
  name,
  file: false,
  make(direction) {
    const { r, w } = pipe('channel', options);
    return direction === 'save' ? { ours: r, theirs: w } : { ours: w, theirs: r };
  },
});

const paired = (name: string, nonblock: boolean): Channel => ({
  name,
  file: false,
  make() {
    const [ours, theirs] = Socket.pair(['our end', 'their end']);
    theirs.nonblock = nonblock;
    return { ours, theirs };
  },
});

const filed = (name: string, make: (directory: string) => Descriptor): Channel => ({
  name,
  file: true,
  make(_direction, directory) {
    const ours = make(directory);
    return { ours, theirs: ours.dup('their end') };
  },
});

/** Every kind of channel that the source allows and this system has. */
export const channels: readonly Channel[] = [
  piped('pipe', {}),
  piped('non-blocking pipe', { nonblock: 'both' }),
  piped('smallest pipe', { capacity: 4096 }),
  piped('smallest non-blocking pipe', { capacity: 4096, nonblock: 'both' }),
  piped('large pipe', { capacity: 1 << 20 }),
  paired('socket pair', false),
  paired('non-blocking socket pair', true),
  filed('memory file', () => memfd('memory file', 0)),
  filed('regular file', (directory) => openFile(`${directory}/state`, 'regular file', 'create')),
];

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
