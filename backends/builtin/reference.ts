import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Target } from '../../harness/target.js';
import { UserError } from '../../harness/user-error.js';
import type { Builtin } from '../builtin.js';
import { InProcessInstance } from '../in-process.js';
import { ownPackage } from '../package-root.js';
import { Pool } from '../pool.js';
import { processTarget } from '../process-target.js';
import { parseReferenceArgs, type ReferenceArguments, type ReferenceOptions, serve } from '../reference/index.js';
import type { OpenOptions } from '../spec.js';

/** The program as it is compiled: beside this file, or in `dist` when this file runs from the source tree. */
function program(): string {
  const beside = fileURLToPath(new URL('../reference/main.js', import.meta.url));
  return existsSync(beside) ? beside : `${ownPackage().directory}/dist/backends/reference/main.js`;
}

function command(): string[] {
  return [process.execPath, program(), '--socket-path', '{socket}'];
}

/** @throws UserError for arguments that it does not take, or that are ours to give. */
function parse(args: readonly string[]): ReferenceArguments {
  let parsed: ReferenceArguments;
  try {
    parsed = parseReferenceArgs(args);
  } catch (error) {
    throw new UserError(`reference: ${(error as Error).message}`);
  }
  if (parsed.socketPath !== undefined || parsed.fd !== undefined)
    throw new UserError('reference: --socket-path and --fd are chosen for it');
  if (parsed.listFaults)
    throw new UserError(`--list-faults is for the program itself: node ${program()} --list-faults`);
  return parsed;
}

/** The reference back-end of this package. Each connection finds a fresh device. */
const reference: Builtin = {
  name: 'reference',

  async open({ suite, args }, options: OpenOptions): Promise<Target> {
    if (suite) throw new UserError('reference is built in: it has no suites');
    const behaviour = parse(args);
    const { version } = ownPackage();
    // A device that counts its saves is a different one after each.
    const comparable = behaviour.variants?.['open.save-side-effects'] !== 'some';
    if (!options.inProcess) {
      if (!existsSync(program())) throw new UserError(`${program()} is missing: run npm run build`);
      return processTarget({ name: 'reference', version, comparable, argv: [...command(), ...args] }, options);
    }
    return new Pool({
      name: 'reference',
      version,
      comparable,
      // Nothing is gained by starting it ahead.
      spares: 0,
      reuse: options.reuse,
      start: async () => {
        // One object for all its connections, another for each back-end: that is how the reference tells them apart.
        const own: ReferenceOptions = { ...behaviour, crash: () => instance.crash() };
        const instance = new InProcessInstance((socket) => serve(socket, own));
        return instance;
      },
      survives: async () => true,
    });
  },

  async list() {
    return [
      { name: 'reference', version: ownPackage().version, available: true, origin: 'built in', command: command() },
    ];
  },
};

export default reference;
