import type { BackendsDocument, FaultsDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { backendsText, faultsText } from '../../report/terminal/backends.js';
import { type Context, withoutCommand } from '../context.js';
import { version } from '../version.js';
import type { InstallFlags, ListFlags } from './backends.js';

/** `vhost-check backends list` */
export async function listAction(this: Context, flags: ListFlags): Promise<void> {
  withoutCommand(this);
  const { stdout, env } = this.process;
  const { listBackends } = await this.parts.backends();
  const document: BackendsDocument = {
    format: 'vhost-check/backends@1',
    tool: { version: version() },
    backends: (await listBackends()).map((listing) => ({ ...listing, command: [...listing.command] })),
  };
  stdout.write(
    flags.json ? `${JSON.stringify(document, null, 2)}\n` : backendsText(document, style(wantsColour(stdout, env))),
  );
}

/** `vhost-check backends faults` */
export async function faultsAction(this: Context, flags: ListFlags): Promise<void> {
  withoutCommand(this);
  const { stdout, env } = this.process;
  const { faults } = await this.parts.faults();
  const document: FaultsDocument = {
    format: 'vhost-check/faults@1',
    tool: { version: version() },
    faults: Object.entries(faults).map(([name, { clause, text, when }]) => ({ name, clause, text, when })),
  };
  stdout.write(
    flags.json ? `${JSON.stringify(document, null, 2)}\n` : faultsText(document, style(wantsColour(stdout, env))),
  );
}

/** `vhost-check backends install` */
export async function installAction(this: Context, flags: InstallFlags, ...names: string[]): Promise<void> {
  withoutCommand(this);
  const { stdout, stderr } = this.process;
  const { installBackends } = await this.parts.backends();
  const installed = await installBackends(names, flags.suite, (line) => stderr.write(`${line}\n`));
  for (const one of installed) {
    stdout.write(`${one.name} ${one.version} ${one.changed ? 'installed' : 'was there already'}: ${one.directory}\n`);
  }
}
