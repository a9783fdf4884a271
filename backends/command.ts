import { basename } from 'node:path';
import type { Target } from '../harness/target.js';
import { UserError } from '../harness/user-error.js';
import { processTarget } from './process-target.js';
import { findProgram } from './programs.js';
import type { OpenOptions } from './spec.js';
import { mentions } from './template.js';

/**
 * A back-end by its command line.
 * @throws UserError when the command line has no `{socket}`, or its program is not there.
 */
export async function openCommand(argv: readonly string[], options: OpenOptions): Promise<Target> {
  const program = argv[0];
  if (program === undefined) throw new UserError('no command line: give the program and its arguments after --');
  if (!mentions(argv.slice(1), 'socket'))
    throw new UserError(
      `the command line of ${program} has no {socket}: write it where the program takes the path of its socket, for example -- ${program} --socket-path={socket}`,
    );
  const found = await findProgram(program);
  if (found === undefined) throw new UserError(`cannot start ${program}: no such program`);
  // What it does with its state is not known, so bytes are not compared.
  return processTarget(
    { name: basename(program), version: '', comparable: false, argv: [found, ...argv.slice(1)] },
    options,
  );
}
