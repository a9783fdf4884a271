/** Back-ends that are programs of their own: one that is installed here, or Debian's, unpacked in the cache. */
import { join } from 'node:path';
import type { Target } from '../harness/target.js';
import { UserError } from '../harness/user-error.js';
import type { BackendListing, Builtin } from './builtin.js';
import { rootLink } from './cache/paths.js';
import { FILES, loaderCommand, readManifest } from './cache/root.js';
import type { Package } from './install/install.js';
import { processTarget } from './process-target.js';
import { findProgram, run } from './programs.js';
import { type Suite, suites } from './spec.js';

export interface PackagedOptions extends Package {
  /** Where an installed one is looked for: names on PATH, and paths. */
  readonly installed: readonly string[];
  /** What its `--help` must speak of, else it is an other program of that name, or too old. */
  readonly options: readonly string[];
  /** Its arguments, with places to fill in. */
  readonly arguments: readonly string[];
  /** See `Target.comparable`. */
  readonly comparable: boolean;
}

/** A program that was found, and how to start it. */
interface Found {
  readonly version: string;
  readonly origin: 'installed' | 'cache';
  /** Program, with a loader before it where it needs one. */
  readonly start: readonly string[];
}

/** Make a built-in back-end of a packaged program. */
export function packaged(options: PackagedOptions): Builtin {
  const { name, comparable } = options;
  const argv = (found: Found) => [...found.start, ...options.arguments];

  async function open(
    request: Parameters<Builtin['open']>[0],
    opening: Parameters<Builtin['open']>[1],
  ): Promise<Target> {
    const { suite, args } = request;
    const found = suite ? await findCached(options, suite) : await findAny(options);
    const full = suite ? `${name}@${suite}` : name;
    if (!found) throw new UserError(`${full} is not here: ${hint(name, suite)}`);
    return processTarget({ name: full, version: found.version, comparable, argv: [...argv(found), ...args] }, opening);
  }

  async function list(): Promise<BackendListing[]> {
    const ways: [string, Suite | undefined, Found | undefined][] = [[name, undefined, await findAny(options)]];
    for (const suite of suites) ways.push([`${name}@${suite}`, suite, await findCached(options, suite)]);
    return ways.map(([full, suite, found]) =>
      found
        ? { name: full, version: found.version, available: true, origin: found.origin, command: argv(found) }
        : { name: full, version: '', available: false, origin: 'nowhere', command: [], hint: hint(name, suite) },
    );
  }

  return { name, package: options, open, list };
}

function hint(name: string, suite: Suite | undefined): string {
  return `vhost-check backends install ${name}${suite ? ` --suite ${suite}` : ''}`;
}

/** What a plain name means: what the user installed comes first, then the released Debian. */
async function findAny(options: PackagedOptions): Promise<Found | undefined> {
  const installed = await findInstalled(options);
  if (installed) return installed;
  for (const suite of suites) {
    const cached = await findCached(options, suite);
    if (cached) return cached;
  }
  return undefined;
}

async function findInstalled({ installed, options }: PackagedOptions): Promise<Found | undefined> {
  for (const candidate of installed) {
    const program = await findProgram(candidate);
    if (program === undefined) continue;
    const help = await run([program, '--help']);
    if (!options.every((option) => help.text.includes(option))) continue;
    const version = await run([program, '--version']);
    return { version: /\d\S*/.exec(version.text)?.[0] ?? '', origin: 'installed', start: [program] };
  }
  return undefined;
}

/** @throws UserError when it is there and not whole. */
async function findCached({ name, programs }: PackagedOptions, suite: Suite): Promise<Found | undefined> {
  const manifest = await readManifest(name, suite);
  if (!manifest) return undefined;
  const start = await loaderCommand(join(rootLink(name, suite), FILES), programs);
  return { version: manifest.version, origin: 'cache', start };
}
