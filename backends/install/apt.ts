/** apt with everything of its own: sources, lists, cache, state. Nothing of the system's is read but its network settings. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../harness/user-error.js';
import { APT_LIMIT_MS } from '../limits.js';
import { quote } from '../process/failure.js';
import { findProgram, isReadable, run } from '../programs.js';
import type { Suite } from '../spec.js';
import { chooseMirror, parseSources, type Source } from './sources.js';

/** Debian's public keys; the newer name first. */
const keyrings = ['/usr/share/keyrings/debian-archive-keyring.pgp', '/usr/share/keyrings/debian-archive-keyring.gpg'];

/** Where apt reads its sources on this machine. */
const systemSources = '/etc/apt';

/**
 * Check that this machine can fetch Debian's packages.
 * @param names what the user wanted, for the advice.
 * @throws UserError that says what to install instead.
 */
export async function requireApt(names: readonly string[]): Promise<void> {
  for (const program of ['apt-get', 'apt-cache', 'apt-config', 'dpkg', 'dpkg-deb'])
    if (!(await findProgram(program)))
      throw new UserError(
        `fetching Debian's packages needs ${program}, which is not here: install ${names.join(' and ')} with this system's own package manager (an installed program is found on PATH), or give a command line after --`,
      );
  if (!(await keyring()))
    throw new UserError("fetching Debian's packages needs Debian's keys: install the package debian-archive-keyring");
}

async function keyring(): Promise<string | undefined> {
  for (const path of keyrings) if (await isReadable(path)) return path;
  return undefined;
}

/** One private apt, for one suite. All its files are under the directory that it is given. */
export class Apt {
  readonly #directory: string;
  readonly #suite: Suite;
  readonly #environment: NodeJS.ProcessEnv;

  /** Lay out an empty state. @param directory an existing private directory. */
  static async create(directory: string, suite: Suite): Promise<Apt> {
    const inside = (...path: string[]) => join(directory, ...path);
    for (const path of ['empty', 'lists/partial', 'cache', 'log']) await mkdir(inside(path), { recursive: true });
    await writeFile(inside('status'), '');
    const mirror = chooseMirror(await readSystemSources());
    // Naming the architecture keeps the indexes of foreign ones away, where this machine has any.
    const options = `arch=${await architecture()} signed-by=${await keyring()}`;
    await writeFile(inside('sources.list'), `deb [${options}] ${mirror} ${suite} main\n`);
    const config = [
      ...(await networkSettings()),
      // What runs on this machine after an update or an installation is for the system's own packages: leave all of it out.
      `Dir::Etc::main "/dev/null";`,
      `Dir::Etc::parts "${inside('empty')}";`,
      `Dir::Etc::sourcelist "${inside('sources.list')}";`,
      `Dir::Etc::sourceparts "${inside('empty')}";`,
      `Dir::Etc::preferences "/dev/null";`,
      `Dir::Etc::preferencesparts "${inside('empty')}";`,
      `Dir::State "${directory}";`,
      `Dir::State::lists "${inside('lists')}";`,
      // Nothing is installed there, so a package's libraries come with it, its C library too.
      `Dir::State::status "${inside('status')}";`,
      `Dir::Cache "${inside('cache')}";`,
      `Dir::Log "${inside('log')}";`,
      // As root apt would fetch as the user _apt, who cannot write into our directory.
      'APT::Sandbox::User "";',
      'APT::Install-Recommends "false";',
      'APT::Install-Suggests "false";',
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
    ];
    await writeFile(inside('apt.conf'), `${config.join('\n')}\n`);
    return new Apt(directory, suite);
  }

  private constructor(directory: string, suite: Suite) {
    this.#directory = directory;
    this.#suite = suite;
    this.#environment = {
      ...process.env,
      APT_CONFIG: join(directory, 'apt.conf'),
      LC_ALL: 'C',
      DEBIAN_FRONTEND: 'noninteractive',
    };
  }

  /** Fetch the index of the suite. @throws UserError when the mirror cannot be reached or its signature is wrong. */
  async update(): Promise<void> {
    await this.#run(['apt-get', '-q', 'update', '--error-on=any'], `cannot read Debian's index of ${this.#suite}`);
  }

  /** The version of a package that would be fetched. @throws UserError when the suite has no such package. */
  async candidate(name: string): Promise<string> {
    const text = await this.#run(['apt-cache', 'policy', name], `cannot look for ${name}`);
    const version = /^\s+Candidate: (\S+)/m.exec(text)?.[1];
    if (version === undefined || version === '(none)')
      throw new UserError(`Debian's ${this.#suite} has no package ${name} for this machine`);
    return version;
  }

  /** Fetch a package and all that it depends on. @returns the paths of the `.deb` files. */
  async download(name: string): Promise<string[]> {
    const archives = join(this.#directory, `archives-${name}`);
    await mkdir(join(archives, 'partial'), { recursive: true });
    await this.#run(
      ['apt-get', '-q', '-y', '--download-only', '-o', `Dir::Cache::archives=${archives}`, 'install', name],
      `cannot fetch ${name}`,
    );
    return (await readdir(archives))
      .filter((file) => file.endsWith('.deb'))
      .sort()
      .map((file) => join(archives, file));
  }

  async #run(argv: readonly string[], what: string): Promise<string> {
    const { status, text } = await run(argv, { limitMs: APT_LIMIT_MS, environment: this.#environment });
    if (status !== 0) throw new UserError(`${what}: ${quote(text) || `${argv[0]} ended with ${status ?? 'a signal'}`}`);
    return text;
  }
}

async function architecture(): Promise<string> {
  const { status, text } = await run(['dpkg', '--print-architecture']);
  if (status !== 0) throw new UserError('dpkg does not say which architecture this machine has');
  return text.trim();
}

/** Proxies, time-outs and the like, as apt prints them in its own syntax. Which indexes there are is ours to say. */
async function networkSettings(): Promise<string[]> {
  const { status, text } = await run(['apt-config', 'dump', 'Acquire']);
  if (status !== 0) return [];
  return text
    .split('\n')
    .filter((line) => /^Acquire::(?!IndexTargets|Languages|CompressionTypes)\S+ ".*";$/.test(line));
}

async function readSystemSources(): Promise<Source[]> {
  const files = [join(systemSources, 'sources.list')];
  const parts = join(systemSources, 'sources.list.d');
  try {
    files.push(...(await readdir(parts)).sort().map((file) => join(parts, file)));
  } catch {
    // No such folder: the one file is all.
  }
  const sources: Source[] = [];
  for (const file of files) {
    const style = file.endsWith('.list') ? 'list' : file.endsWith('.sources') ? 'sources' : undefined;
    if (style === undefined) continue;
    try {
      sources.push(...parseSources(await readFile(file, 'utf8'), style));
    } catch {
      // Not there, or not for us to read.
    }
  }
  return sources;
}
