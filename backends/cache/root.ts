/** A program unpacked from Debian's packages together with its libraries and its dynamic loader. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../harness/user-error.js';
import { isProgram } from '../programs.js';
import type { Suite } from '../spec.js';
import { rootLink } from './paths.js';

/** What an installation writes beside the unpacked files, last of all. */
export interface Manifest {
  readonly format: 'vhost-check/backend@1';
  readonly package: string;
  readonly suite: Suite;
  /** Debian's version. */
  readonly version: string;
  /** File names of all packages unpacked. */
  readonly packages: readonly string[];
}

export const MANIFEST = 'manifest.json';
/** The unpacked files, beside the manifest. */
export const FILES = 'root';

/** The manifest of what is installed under a name and suite; undefined when nothing (readable) is. */
export async function readManifest(name: string, suite: Suite): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(rootLink(name, suite), MANIFEST), 'utf8')) as Manifest;
    return manifest.format === 'vhost-check/backend@1' && typeof manifest.version === 'string' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Where a loader and its libraries are: Debian's multiarch directories, and the plain ones. */
const libraryParents = ['usr/lib', 'lib', 'usr', ''];

/**
 * The start of a command line that runs a program of `root` with that root's own loader and libraries, whatever C library
 * this machine has.
 * @param programs paths inside the root; the first that exists is taken.
 * @throws UserError when the root is not whole.
 */
export async function loaderCommand(root: string, programs: readonly string[]): Promise<string[]> {
  const directories: string[] = [];
  const loaders: string[] = [];
  for (const parent of libraryParents) {
    for (const entry of await entries(join(root, parent))) {
      if (!/^lib64$|-linux-gnu/.test(entry)) continue;
      const directory = join(root, parent, entry);
      const files = await entries(directory);
      if (files.some((file) => file.includes('.so'))) directories.push(directory);
      loaders.push(...files.filter((file) => /^ld(-linux|64\.so)/.test(file)).map((file) => join(directory, file)));
    }
  }
  const loader = loaders[0];
  if (loader === undefined) throw new UserError(`${root} has no dynamic loader: install it anew`);
  for (const program of programs) {
    const path = join(root, program);
    if (await isProgram(path)) return [loader, '--library-path', directories.join(':'), path];
  }
  throw new UserError(`${root} has no ${programs[0]}: install it anew`);
}

async function entries(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch {
    return [];
  }
}
