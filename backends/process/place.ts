import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../harness/user-error.js';
import { ownDirectory } from '../cleanup.js';
import { SOCKET_PATH_BYTES } from '../limits.js';

/** Where one back-end process puts its socket, and what it makes beside it (virtiofsd: a pid file, passt: a second socket). */
export interface Place {
  readonly socket: string;
  /** Remove the directory with everything in it. Harmless the second time. */
  remove(): void;
}

/** @throws UserError when a path does not fit a socket address. */
export function checkSocketPath(path: string, advice: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES)
    throw new UserError(
      `the socket path ${path} has ${bytes} bytes, a Unix socket takes ${SOCKET_PATH_BYTES}: ${advice}`,
    );
}

/**
 * Make a private directory (mode 0700) for one process.
 * In the system's temporary directory and not beside the results: paths there are short, and it takes sockets, which a
 * network or shared file system may not.
 * @throws UserError when the path of the temporary directory is too long, or nothing can be made in it.
 */
export function makePlace(): Place {
  const base = tmpdir();
  checkSocketPath(join(base, 'vhc-XXXXXX', 's'), 'set TMPDIR to a shorter one');
  const directory = makeDirectory(join(base, 'vhc-'));
  return { socket: join(directory, 's'), remove: ownDirectory(directory) };
}

/** mkdtemp with the user's kind of error. @throws UserError */
export function makeDirectory(prefix: string): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    throw new UserError(`cannot make a directory ${prefix}…: ${(error as Error).message}`);
  }
}
