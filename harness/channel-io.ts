import { type Descriptor, NativeError } from '../native/index.js';
import { limits } from './limits.js';
import type { Run } from './run-state.js';

/** How a write to a channel ended. */
export interface Written {
  readonly bytes: number;
  readonly outcome: 'all' | 'gone' | 'blocked' | 'error';
  readonly error?: string;
}

/** How a read from a channel ended. */
export interface Read {
  readonly bytes: number;
  readonly outcome: 'eof' | 'enough' | 'blocked' | 'endless' | 'error';
  readonly error?: string;
}

/** Write until all is taken, the reader is gone, or nothing was taken for a deadline. Never blocks the event loop. */
export async function writeAll(run: Run, d: Descriptor, data: Uint8Array): Promise<Written> {
  let done = 0;
  let sinceYield = 0;
  try {
    while (done < data.length) {
      const taken = d.write(data.subarray(done, done + limits.writePiece));
      done += taken;
      sinceYield += taken;
      if (taken === 0 && !(await run.wait(d, 'writable', run.deadlineMs))) return { bytes: done, outcome: 'blocked' };
      if (sinceYield >= limits.yieldBytes) {
        sinceYield = 0;
        await run.turn();
      }
    }
    return { bytes: done, outcome: 'all' };
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    const gone = error.code === 'EPIPE' || error.code === 'ECONNRESET';
    return gone ? { bytes: done, outcome: 'gone' } : { bytes: done, outcome: 'error', error: error.code };
  }
}

/**
 * Read until end of file, `most` bytes, or the limit; gives up when nothing came for a deadline. Never blocks the event
 * loop. @param keep gets every piece.
 */
export async function readAll(
  run: Run,
  d: Descriptor,
  most: number | undefined,
  keep: (piece: Uint8Array) => void,
): Promise<Read> {
  let done = 0;
  let sinceYield = 0;
  const bound = Math.min(most ?? limits.readBytes, limits.readBytes);
  try {
    while (most === undefined || done < most) {
      if (done >= bound) return { bytes: done, outcome: 'endless' };
      const got = d.read(Math.min(limits.readPiece, bound - done));
      if (got === 'end') return { bytes: done, outcome: 'eof' };
      if (got === 'again') {
        if (!(await run.wait(d, 'readable', run.deadlineMs))) return { bytes: done, outcome: 'blocked' };
        continue;
      }
      keep(got);
      done += got.length;
      sinceYield += got.length;
      if (sinceYield >= limits.yieldBytes) {
        sinceYield = 0;
        await run.turn();
      }
    }
    return { bytes: done, outcome: 'enough' };
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    // A peer that closed with bytes of ours unread: an end all the same, whichever of the two is seen is a race.
    const end = error.code === 'ECONNRESET' || error.code === 'EPIPE';
    return { bytes: done, outcome: end ? 'eof' : 'error', error: error.code };
  }
}
