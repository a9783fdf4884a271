/** What happens to a session outside the main socket: the channel, and the connection itself. */
import { type SessionState, session, transferring } from './state.js';

/** load: our end is closed, and what was written in all is `content`. */
export const wroteAll = (s: SessionState, content: SessionState['content']): SessionState =>
  transferring(s) && s.transfer === 'load' && s.end === 'open' ? { ...s, end: 'eof', content } : s;

/** load: the channel is still open, and holds `content` so far. */
export const wroteSome = (s: SessionState, content: SessionState['content']): SessionState =>
  transferring(s) && s.transfer === 'load' && s.end === 'open' ? { ...s, content } : s;

/** load: the back-end closed its end while we had more to write; `content` is what it would have been, with all that we
 * wanted to write until now. */
export const readerLeft = (s: SessionState, content: SessionState['content']): SessionState =>
  transferring(s) && s.transfer === 'load' && s.end !== 'eof' ? { ...s, end: 'broken', content } : s;

/** save: we read to the end of file. */
export const sawEof = (s: SessionState): SessionState =>
  s.transfer === 'save' && s.end === 'open' ? { ...s, end: 'eof' } : s;

/** save: we closed our end before the end of file; `cut`: more was to come for certain. */
export const abandoned = (s: SessionState, cut: boolean): SessionState =>
  transferring(s) && s.transfer === 'save' && s.end === 'open'
    ? { ...s, end: 'broken', content: cut ? 'cut' : 'unknown' }
    : s;

/** We close the connection. */
export const left = (s: SessionState): SessionState => ({ ...s, link: 'left' });
/** The back-end closed it. */
export const gone = (s: SessionState): SessionState => ({ ...s, link: 'gone' });

/** A new connection to the same process: nothing is negotiated; the process has a past. */
export const reconnected = (s: SessionState): SessionState => ({
  ...session.initial,
  used: s.used === 'yes' || s.transfer === 'load' ? 'yes' : 'no',
});
