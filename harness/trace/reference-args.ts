/**
 * The arguments that a corpus file may give the reference back-end. Everything else is refused: a file comes from
 * anywhere, and must not be able to name a path or a command.
 */
const withValue: ReadonlySet<string> = new Set(['--fault', '--variant', '--state-size']);
const alone: ReadonlySet<string> = new Set(['--own-channel']);
const VALUE = /^[A-Za-z0-9][A-Za-z0-9.=_-]{0,127}$/;

/** What is wrong with them; undefined where nothing is. */
export function checkArgs(backend: string, args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined;
  if (backend !== 'reference') return `${backend} takes no arguments here: only the reference back-end does`;
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = split(args[i]!);
    if (alone.has(name) && inline === undefined) continue;
    if (!withValue.has(name)) return `expected ${[...withValue, ...alone].join(', ')}, not ${args[i]}`;
    const value = inline ?? args[++i];
    if (value === undefined || !VALUE.test(value)) return `expected a plain word as the value of ${name}`;
  }
  return undefined;
}

function split(arg: string): [string, string | undefined] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}
