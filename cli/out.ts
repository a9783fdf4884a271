import { access, constants, mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../harness/user-error.js';
import type { Finding } from '../properties/finding.js';
import { type Origin, storeFinding } from '../report/corpus.js';

/** The directory of `--out`: the only place that commands write to. */
export interface Out {
  /** Path of a file of it as the user would name it. */
  path(file: string): string;
  /** Store a finding as a corpus file. @returns the finding with its file */
  store(finding: Finding, origin: Origin): Finding & { readonly file: string };
  /** Take away the directories that were made for nothing. */
  close(): Promise<void>;
}

/** Make `directory` and see that files can be made in it, before any work is done.
 * @throws UserError when that cannot be */
export async function openOut(directory: string): Promise<Out> {
  let made: string | undefined;
  try {
    made = await makeDirectory(resolve(directory));
    if (!(await stat(directory)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(directory, constants.W_OK | constants.X_OK);
    // Permissions do not tell the whole: a read-only file system, or one of the kernel's own, refuses all the same.
    await rmdir(await mkdtemp(join(directory, '.probe-')));
  } catch (error) {
    throw new UserError(`cannot write to --out ${directory}: ${reason(error)}`);
  }
  return {
    path: (file) => join(directory, file),
    store: (finding, origin) => ({ ...finding, file: storeFinding(directory, finding, origin) }),
    async close() {
      if (made !== undefined) await removeEmpty(resolve(directory), made);
    },
  };
}

/** Make `directory` and those above it that are missing. Node's own recursive mkdir never returns where the kernel says
 * of an existing directory that nothing can be made in it (ENOENT below /proc).
 * @returns the topmost one that was made */
async function makeDirectory(directory: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let path = directory; !(await exists(path)); path = dirname(path)) missing.push(path);
  for (const path of missing.toReversed()) {
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // Somebody else was faster.
    });
  }
  return missing.at(-1);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Remove `directory` and those above it up to `top`, as long as they are empty. */
async function removeEmpty(directory: string, top: string): Promise<void> {
  for (let path = directory; path.length >= top.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return; // Not empty, or taken away by somebody else: nothing of ours to remove.
    }
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a file stands in the way';
    case 'ENOENT':
      return 'it cannot be made';
    case 'ENOSPC':
      return 'no space left';
    default:
      return code ?? message;
  }
}
