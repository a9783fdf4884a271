import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Suite } from '../spec.js';

/** Our cache directory, by the XDG base directory rules (a relative XDG_CACHE_HOME is to be ignored). */
export function cacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'vhost-check');
}

/** Where unpacked packages live. */
export function rootsDirectory(): string {
  return join(cacheDirectory(), 'backends');
}

/** The stable name of one unpacked package: a symbolic link, so that one rename puts a new version in its place. */
export function rootLink(name: string, suite: Suite): string {
  return join(rootsDirectory(), `${name}@${suite}`);
}
