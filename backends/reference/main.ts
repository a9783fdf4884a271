/** The reference back-end as a process of its own: `--socket-path PATH` or `--fd N`, one connection after another. */
import { unlinkSync } from 'node:fs';
import { Listener, waitFor } from '../../native/index.js';
import { type Fault, faults } from './faults.js';
import { serve } from './index.js';
import { parseReferenceArgs, type ReferenceArguments, type ReferenceOptions } from './options.js';

/** Connections that may wait while another is served. */
const BACKLOG = 16;

async function acceptAll(listener: Listener, options: ReferenceOptions): Promise<never> {
  for (;;) {
    await waitFor(listener, 'readable', Number.POSITIVE_INFINITY);
    const socket = listener.accept('main socket');
    if (socket !== undefined) await serve(socket, options).done;
  }
}

async function run(args: ReferenceArguments): Promise<void> {
  const options = { ...args, crash: () => process.abort() };
  if (args.socketPath !== undefined) {
    const path = args.socketPath;
    const listener = Listener.listen(path, 'listening socket', BACKLOG);
    process.once('exit', () => unlinkSync(path));
    return acceptAll(listener, options);
  }
  if (args.fd === undefined) throw new Error('--socket-path PATH or --fd N says where the front-end is');
  return acceptAll(Listener.adopt(args.fd, 'inherited listening socket'), options);
}

function printFaults(): void {
  for (const [name, { clause, text }] of Object.entries<Fault>(faults)) console.log(`${name}  ${clause}  ${text}`);
}

try {
  const args = parseReferenceArgs(process.argv.slice(2));
  process.on('SIGTERM', () => {
    if (!args.faults?.includes('ignores-sigterm')) process.exit(0);
  });
  if (args.listFaults) printFaults();
  else await run(args);
} catch (error) {
  console.error(`reference back-end: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
