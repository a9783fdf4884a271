import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Our own package: where it is, both from the source tree and from `dist`, and its version. */
export function ownPackage(): { readonly directory: string; readonly version: string } {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const file = join(directory, 'package.json');
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (name === 'vhost-check') return { directory, version: version ?? '' };
    }
    if (directory === dirname(directory))
      throw new Error('there is no package.json of vhost-check above its own files');
  }
}
