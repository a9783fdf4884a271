import { readFileSync } from 'node:fs';

/** Our version, from the package.json above this file (one level up in the sources, two in the compiled tree). */
export function version(): string {
  for (
    let directory = new URL('.', import.meta.url);
    directory.pathname !== '/';
    directory = new URL('..', directory)
  ) {
    try {
      const manifest = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8')) as Record<string, unknown>;
      if (manifest.name === 'vhost-check') return String(manifest.version);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
