/** Who is tested and how it is started. */
import { readdir } from 'node:fs/promises';
import type { Target } from '../harness/target.js';
import { UserError } from '../harness/user-error.js';
import type { BackendListing, Builtin } from './builtin.js';
import { openCommand } from './command.js';
import { openConnection } from './connect.js';
import { type Installed, installPackages, type Package } from './install/install.js';
import { type OpenOptions, type Suite, suites, type TargetSpec } from './spec.js';

export { UserError } from '../harness/user-error.js';
export type { BackendListing } from './builtin.js';
export type { Installed } from './install/install.js';
export { type OpenOptions, type Suite, suites, type TargetSpec } from './spec.js';

/**
 * Make a back-end ready to be started. Nothing runs before the target's first `take`.
 * @throws UserError with one line that says what is missing or wrong, and what to do.
 */
export async function openTarget(spec: TargetSpec, options: OpenOptions): Promise<Target> {
  switch (spec.kind) {
    case 'command':
      return openCommand(spec.argv, options);
    case 'connect':
      return openConnection(spec.path);
    case 'builtin': {
      const { builtin, suite } = await byName(spec.name);
      return builtin.open({ suite, args: spec.args }, options);
    }
  }
}

/** What can be tested here, and what could be after an installation. */
export async function listBackends(): Promise<BackendListing[]> {
  const listings: BackendListing[] = [];
  for (const builtin of await builtins()) listings.push(...(await builtin.list()));
  return listings;
}

/**
 * Fetch Debian's packages of back-ends into the cache; see `installPackages`.
 * @param names `virtiofsd`, or with a suite `virtiofsd@sid`.
 * @param suite for the names that carry none; trixie when left out.
 * @throws UserError for unknown names, names that need no installation, and all that can go wrong on the way.
 */
export async function installBackends(
  names: readonly string[],
  suite?: Suite,
  say?: (line: string) => void,
): Promise<Installed[]> {
  if (names.length === 0) throw new UserError('name the back-ends to install, for example: virtiofsd passt');
  const wanted = new Map<Suite, Set<Package>>();
  for (const name of names) {
    const { builtin, suite: own } = await byName(name);
    if (!builtin.package) throw new UserError(`${name} is built in and needs no installation`);
    if (own && suite && own !== suite) throw new UserError(`${name} contradicts --suite ${suite}`);
    const from = own ?? suite ?? suites[0];
    const packages = wanted.get(from) ?? new Set();
    wanted.set(from, packages.add(builtin.package));
  }
  const installed: Installed[] = [];
  for (const [from, packages] of wanted) installed.push(...(await installPackages([...packages], from, say)));
  return installed;
}

/** Every file of `builtin/` is one; the order is that of their names. */
async function builtins(): Promise<Builtin[]> {
  const folder = new URL('./builtin/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => ((await import(new URL(file, folder).href)) as { default: Builtin }).default),
  );
}

async function byName(name: string): Promise<{ builtin: Builtin; suite?: Suite }> {
  const all = await builtins();
  const at = name.indexOf('@');
  const plain = at < 0 ? name : name.slice(0, at);
  const builtin = all.find((candidate) => candidate.name === plain);
  if (!builtin)
    throw new UserError(`there is no back-end named ${name}: there are ${all.map((one) => one.name).join(', ')}`);
  if (at < 0) return { builtin };
  const suite = suites.find((candidate) => candidate === name.slice(at + 1));
  if (!suite) throw new UserError(`there is no ${name}: the suites are ${suites.join(' and ')}`);
  return { builtin, suite };
}
