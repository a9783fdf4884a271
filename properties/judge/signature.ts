/** What makes two violations of one clause the same: the message, the situation, and how it went wrong. */
import type { ClauseId } from '../../model/clauses/index.js';
import type { Failure } from './candidate.js';

/** Of these it does not matter which message it was: what is wrong is beneath all of them. */
const ANY_MESSAGE: ReadonlySet<ClauseId> = new Set([
  'fragments.whole-stream',
  'outcome.resume-source',
  'suspended.answers',
]);
/** Of these it does not matter what else was wrong with the message: it should not have got so far. */
const ANY_FLAW: ReadonlySet<ClauseId> = new Set([
  ...ANY_MESSAGE,
  'device-state.negotiated-set',
  'device-state.negotiated-check',
]);
/** Of these it does not matter what was in the channel, nor how far it had come: that is often a race. */
const ANY_CONTENT: ReadonlySet<ClauseId> = new Set(['channel.any-kind', 'channel.load-to-eof', 'check.waits']);

/**
 * @param flaw what was wrong with the message, empty when nothing
 * @returns what follows the clause in a signature; empty parts say nothing
 */
export function signatureOf({ clause, about, situation, observed }: Failure, flaw: string): readonly string[] {
  const kind = kindOf(observed);
  // Out of step a back-end may do anything.
  if (clause === 'fragments.whole-stream') return [];
  const message = ANY_MESSAGE.has(clause) ? '' : about;
  const where = situation === flaw ? '' : situation.replace(/ ?fragmented$/, '');
  if (ANY_FLAW.has(clause)) return [message, where, kind];
  if (ANY_CONTENT.has(clause)) return [message, where.split(' ')[0] ?? '', kind];
  return [flaw === '' ? message : `${message} ${flaw}`, where, kind];
}

const kindOf = (observed: string): string =>
  observed.startsWith('nothing within') ? 'quiet' : observed.includes('closed the connection') ? 'closed' : '';
