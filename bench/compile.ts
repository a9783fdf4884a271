import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compile one of the C programs beside this file into `directory`. @returns its path @throws with what the compiler says */
export function compile(name: string, directory: string): string {
  const program = join(directory, name);
  const source = join(sources(), `${name}.c`);
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-Wall', '-Wextra', '-o', program, source], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot compile ${source}: ${error?.message ?? stderr}`);
  return program;
}

/** The folder of the C sources: this module's own, or its twin in the source tree where it runs compiled. */
function sources(): string {
  for (const folder of ['.', '../../bench']) {
    const path = fileURLToPath(new URL(folder, import.meta.url));
    if (existsSync(join(path, 'echo.c'))) return path;
  }
  throw new Error('the C sources of the benchmark are not here');
}
