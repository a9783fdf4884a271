import { mkdtempSync, readdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../harness/user-error.js';
import { ownDirectory } from '../cleanup.js';
import { SOCKET_PATH_BYTES } from '../limits.js';

/** Where one back-end process puts its socket, and what it makes beside it (virtiofsd: a pid file, passt: a second socket). */
export interface Place {
  readonly socket: string;
  /** The process is gone, and everything that it left there shall go. Harmless the second time. */
  leave(): void;
}

/** @throws UserError when a path does not fit a socket address. */
export function checkSocketPath(path: string, advice: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES)
    throw new UserError(
      `the socket path ${path} has ${bytes} bytes, a Unix socket takes ${SOCKET_PATH_BYTES}: ${advice}`,
    );
}

/** A private directory, and what to call to have it removed. */
interface Directory {
  readonly path: string;
  readonly remove: () => void;
}

/**
 * Private directories (mode 0700) for the processes of one target, one each. A directory that a process has left serves
 * another one, emptied: making and removing one costs as much as a short trace.
 * They are in the system's temporary directory and not beside the results: paths there are short, and it takes sockets,
 * which a network or shared file system may not.
 */
export class Places {
  readonly #all = new Set<Directory>();
  readonly #free: Directory[] = [];
  #made = 0;

  /** @throws UserError when the path of the temporary directory is too long, or nothing can be made in it. */
  take(): Place {
    const directory = this.#free.pop() ?? this.#make();
    let left = false;
    return {
      // Never the same name again: who outlived its end and knows the old one finds nobody there.
      socket: join(directory.path, `s${this.#made++}`),
      leave: () => {
        if (left) return;
        left = true;
        if (this.#all.has(directory) && empty(directory.path)) this.#free.push(directory);
        else this.#remove(directory);
      },
    };
  }

  /** Remove all directories, those too that somebody is still in. */
  remove(): void {
    for (const directory of this.#all) this.#remove(directory);
    this.#free.length = 0;
  }

  #make(): Directory {
    const base = tmpdir();
    checkSocketPath(join(base, 'vhc-XXXXXX', 's-------'), 'set TMPDIR to a shorter one');
    const path = makeDirectory(join(base, 'vhc-'));
    const directory = { path, remove: ownDirectory(path) };
    this.#all.add(directory);
    return directory;
  }

  #remove(directory: Directory): void {
    this.#all.delete(directory);
    directory.remove();
  }
}

/** Empty a directory in which there are at most a few files. @returns whether it is empty now */
function empty(path: string): boolean {
  try {
    for (const name of readdirSync(path)) unlinkSync(join(path, name));
    return true;
  } catch {
    // A directory of its own, or permissions taken away: then all of it goes.
    return false;
  }
}

/** mkdtemp with the user's kind of error. @throws UserError */
export function makeDirectory(prefix: string): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    throw new UserError(`cannot make a directory ${prefix}…: ${(error as Error).message}`);
  }
}
