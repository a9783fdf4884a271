import { run } from '@stricli/core';
import { app } from './app.js';
import { type Context, Status } from './context.js';

/** What a command line runs in. */
export type Surroundings = Pick<Context['process'], 'stdout' | 'stderr' | 'env'> &
  Pick<Context, 'parts' | 'onInterrupt'>;

/** Run one command line.
 * @param args everything behind the program's name; what stands behind the first `--` is a back-end's command
 * @returns the exit status */
export async function invoke(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const separator = args.indexOf('--');
  const command = separator < 0 ? undefined : args.slice(separator + 1);
  const own = separator < 0 ? args : args.slice(0, separator);
  const { stdout, stderr, env, parts, onInterrupt } = surroundings;
  const process: Context['process'] = { stdout, stderr, env };
  await run(app, own, { process, command, parts, onInterrupt } as Context);
  // Stricli's own statuses are negative: all of them are errors of usage, or ours.
  const status = Number(process.exitCode ?? Status.error);
  return status === Status.clean || status === Status.found ? status : Status.error;
}
