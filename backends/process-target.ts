import { join } from 'node:path';
import { makeFolder } from '../harness/make-folder.js';
import type { Target } from '../harness/target.js';
import { UserError } from '../harness/user-error.js';
import { environmentNow } from '../native/index.js';
import { ownDirectory } from './cleanup.js';
import { Pool } from './pool.js';
import { answersAgain } from './probe.js';
import { ProcessInstance } from './process/instance.js';
import { makeDirectory, Places } from './process/place.js';
import type { OpenOptions } from './spec.js';
import { fill, mentions } from './template.js';

/** A back-end that is started as a process. */
export interface ProcessTargetOptions {
  readonly name: string;
  readonly version: string;
  readonly comparable: boolean;
  /** Command line with `{socket}`, and `{directory}` where it needs one. */
  readonly argv: readonly string[];
}

/**
 * Make the target. Nothing is started before the first `take`.
 * @throws UserError when a directory that the command line asks for cannot be made.
 */
export function processTarget(
  { name, version, comparable, argv }: ProcessTargetOptions,
  { spares, reuse, workDir }: OpenOptions,
): Target {
  // One directory for all its processes: what is saved by one and loaded into another speaks of the same files.
  const shared = mentions(argv, 'directory') ? makeSharedDirectory(workDir) : undefined;
  const places = new Places();
  const environment = environmentNow();
  const commandLine = (socket: string) => fill(argv, { socket, directory: shared?.path ?? '' });
  return new Pool({
    name,
    version,
    comparable,
    spares,
    reuse,
    start: async () => ProcessInstance.start(name, commandLine, places, environment),
    survives: answersAgain,
    disposed: () => {
      places.remove();
      shared?.remove();
    },
  });
}

function makeSharedDirectory(workDir: string): { path: string; remove(): void } {
  try {
    makeFolder(workDir);
  } catch (error) {
    throw new UserError(`cannot make the directory ${workDir}: ${(error as Error).message}`);
  }
  const path = makeDirectory(join(workDir, 'shared-'));
  return { path, remove: ownDirectory(path) };
}
