import { mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../harness/make-folder.js';
import { UserError } from '../../harness/user-error.js';
import { rootLink, rootsDirectory } from '../cache/paths.js';
import { FILES, loaderCommand, MANIFEST, type Manifest, readManifest } from '../cache/root.js';
import { ownDirectory } from '../cleanup.js';
import { APT_LIMIT_MS } from '../limits.js';
import { quote } from '../process/failure.js';
import { run } from '../programs.js';
import type { Suite } from '../spec.js';
import { Apt, requireApt } from './apt.js';

/** A Debian package with a program to test. */
export interface Package {
  /** What the back-end is called, and its directory in the cache. */
  readonly name: string;
  readonly package: string;
  /** Paths of its program inside the package, the first that exists counts. */
  readonly programs: readonly string[];
}

/** One back-end after an installation. */
export interface Installed {
  /** With the suite, as it is asked for: `virtiofsd@sid`. */
  readonly name: string;
  readonly version: string;
  /** Where it is. */
  readonly directory: string;
  /** False when this very version was there already. */
  readonly changed: boolean;
}

/** Work in progress: `.work-PID-XXXXXX`. */
const WORK = '.work-';
/** Unpacked packages: `.store-NAME@SUITE-XXXXXX`, each the target of one link. */
const STORE = '.store-';

/**
 * Fetch packages of one suite into the cache. Whoever looks at the cache meanwhile sees the old state or the new one.
 * Nothing outside the cache directory is written.
 * @param say told what is going on, one line each time.
 * @throws UserError when something is missing on this machine, or the mirror has not got it.
 */
export async function installPackages(
  packages: readonly Package[],
  suite: Suite,
  say: (line: string) => void = () => {},
): Promise<Installed[]> {
  await requireApt(packages.map(({ package: name }) => name));
  const roots = rootsDirectory();
  let work: string;
  try {
    makeFolder(roots);
    await removeAbandoned(roots);
    work = await mkdtemp(join(roots, `${WORK}${process.pid}-`));
  } catch (error) {
    throw new UserError(`cannot write into the cache ${roots}: ${(error as Error).message}`);
  }
  const remove = ownDirectory(work);
  try {
    const apt = await Apt.create(work, suite);
    say(`reading Debian's index of ${suite}`);
    await apt.update();
    const installed: Installed[] = [];
    for (const wanted of packages) installed.push(await installOne(wanted, suite, apt, work, say));
    return installed;
  } finally {
    remove();
  }
}

async function installOne(
  { name, package: packageName, programs }: Package,
  suite: Suite,
  apt: Apt,
  work: string,
  say: (line: string) => void,
): Promise<Installed> {
  const version = await apt.candidate(packageName);
  const directory = rootLink(name, suite);
  const present = await readManifest(name, suite);
  if (present?.version === version && (await isWhole(directory, programs))) {
    say(`${name}@${suite} ${version} is there already`);
    return { name: `${name}@${suite}`, version, directory, changed: false };
  }
  say(`fetching ${packageName} ${version} and its libraries`);
  const archives = await apt.download(packageName);
  const store = await mkdtemp(join(work, `${STORE}${name}@${suite}-`));
  await mkdir(join(store, FILES));
  for (const archive of archives) {
    const { status, text } = await run(['dpkg-deb', '-x', archive, join(store, FILES)], { limitMs: APT_LIMIT_MS });
    if (status !== 0) throw new UserError(`cannot unpack ${basename(archive)}: ${quote(text)}`);
  }
  await tryOut(store, programs, packageName);
  const manifest: Manifest = {
    format: 'vhost-check/backend@1',
    package: packageName,
    suite,
    version,
    packages: archives.map((archive) => basename(archive)),
  };
  await writeFile(join(store, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  await put(store, directory, work);
  say(`${name}@${suite} ${version} is in ${directory}`);
  return { name: `${name}@${suite}`, version, directory, changed: true };
}

/** A program that does not even print its help here must not replace one that did. */
async function tryOut(store: string, programs: readonly string[], packageName: string): Promise<void> {
  const { status, text } = await run([...(await loaderCommand(join(store, FILES), programs)), '--help']);
  if (status !== 0)
    throw new UserError(`the fetched ${packageName} does not start here: ${quote(text) || 'no message'}`);
}

async function isWhole(directory: string, programs: readonly string[]): Promise<boolean> {
  try {
    await loaderCommand(join(directory, FILES), programs);
    return true;
  } catch {
    return false;
  }
}

/**
 * Make `link` mean `store`, in one step: move the files beside it, make a new link, rename that over the old one. A back-end that runs from the old files goes
 * on; its files go last.
 */
async function put(store: string, link: string, work: string): Promise<void> {
  const final = join(dirname(link), basename(store));
  await rename(store, final);
  const old = await readlink(link).catch(() => undefined);
  const fresh = join(work, `link-${basename(store)}`);
  await symlink(basename(store), fresh);
  try {
    await rename(fresh, link);
  } catch (error) {
    await rm(final, { recursive: true, force: true });
    throw new UserError(`cannot replace ${link}: ${(error as Error).message}`);
  }
  if (old?.startsWith(STORE)) await rm(join(dirname(link), old), { recursive: true, force: true });
}

/** Remove what installations left that were killed: their work, and stores that no link means. */
async function removeAbandoned(roots: string): Promise<void> {
  const entries = await readdir(roots);
  const meant = new Set(await Promise.all(entries.map((entry) => readlink(join(roots, entry)).catch(() => ''))));
  const busy = entries.some((entry) => entry.startsWith(WORK) && isAlive(Number(entry.split('-')[1])));
  for (const entry of entries) {
    const abandoned = entry.startsWith(WORK)
      ? !isAlive(Number(entry.split('-')[1]))
      : // Another installation may be between moving a store here and its link.
        entry.startsWith(STORE) && !meant.has(entry) && !busy;
    if (abandoned) await rm(join(roots, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
