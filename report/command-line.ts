import type { TargetSpec } from '../backends/index.js';

/** One argument as a shell takes it. */
export function shellQuote(argument: string): string {
  // Braces with a comma between them would be taken apart, those of a place to fill in are not.
  const safe = /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument.replace(/\{(socket|directory)\}/g, '$1'));
  return safe ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** The whole command that replays `file`, which was found on `spec`. The file's header knows a built-in back-end and the
 * pinned answers; a command or a socket it never names. */
export function replayCommand(file: string, spec: TargetSpec): string {
  return ['npx', 'vhost-check', 'replay', ...targetBehind(file, spec)].map(shellQuote).join(' ');
}

function targetBehind(file: string, spec: TargetSpec): readonly string[] {
  switch (spec.kind) {
    case 'builtin':
      return [file];
    case 'connect':
      return [file, '--connect', spec.path];
    case 'command':
      return [file, '--', ...spec.argv];
  }
}
