import { UserError } from '../harness/user-error.js';
import { harmless } from '../report/text.js';

/** What standard error says of an error that ended a command: one line for the user's mistakes; for ours, all that
 * helps to find it. */
export function errorLine(error: unknown): string {
  if (error instanceof UserError || (error instanceof Error && error.name === 'UserError')) {
    return `vhost-check: ${harmless(error.message).replace(/\s*\n\s*/g, ' ')}`;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `vhost-check: internal error, please report it: ${harmless(detail)}`;
}
