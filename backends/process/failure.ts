import type { Exit } from '../../harness/target.js';
import { UserError } from '../../harness/user-error.js';

/** How much of what a process said fits into one line of ours. */
const QUOTE = 400;

/** An exit in words. */
export function describeExit(exit: Exit): string {
  return exit.signal === null ? `with exit status ${exit.code}` : `by ${exit.signal}`;
}

/** The telling part of a standard error, on one line: from the first line that names an error, else its end. */
export function quote(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findIndex((line) =>
    /error|fail|fatal|invalid|cannot|can't|unable|panic|usage|unrecognized/i.test(line),
  );
  const text = (telling < 0 ? lines : lines.slice(telling)).join(' / ').replace(/\s+/g, ' ').trim();
  if (text.length <= QUOTE) return text;
  return telling < 0 ? `…${text.slice(-QUOTE)}` : `${text.slice(0, QUOTE)}…`;
}

/** The error of a back-end that ended before anybody talked to it: almost always a wrong command line. */
export function endedAtStart(name: string, argv: readonly string[], exit: Exit | undefined, stderr: string): UserError {
  const how = exit ? ` ${describeExit(exit)}` : '';
  const said = quote(stderr);
  return new UserError(
    `${name} ended${how} before it served a connection${said ? `: ${said}` : ', and said nothing'} (started as: ${argv.join(' ')})`,
  );
}

/** The error of a back-end that runs and does not listen where it was told to. */
export function neverListened(name: string, argv: readonly string[], ms: number, stderr: string): UserError {
  const said = quote(stderr);
  return new UserError(
    `${name} did not listen on its socket within ${ms / 1000} s${said ? `; it said: ${said}` : ''} (started as: ${argv.join(' ')})`,
  );
}
