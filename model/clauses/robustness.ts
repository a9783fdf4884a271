import { OWN_DEMANDS, robust, section } from './clause.js';

/** What we demand of any back-end, whatever the source says. */
export const robustness = section(OWN_DEMANDS, [
  robust('robust.no-crash', 'back-end', 'No signal, abort, panic or sanitizer report ends the back-end.'),
  robust('robust.no-hang', 'back-end', 'Every answer that is due comes within the deadline.'),
  robust(
    'robust.survives-bad-input',
    'back-end',
    'No message that is malformed, or that the front-end may not send, ends the process.',
  ),
  robust(
    'robust.no-fd-leak',
    'back-end',
    'After every transfer, error and disconnect the back-end holds as many descriptors as before.',
  ),
  robust(
    'robust.no-thread-leak',
    'back-end',
    'After every transfer, error and disconnect the back-end has as many threads as before.',
  ),
  robust(
    'robust.memory-bounded',
    'back-end',
    'Memory stays bounded over many rounds and under a load that never ends.',
  ),
  robust('robust.no-spin', 'back-end', 'A suspended back-end with nothing to do uses no processor time.'),
  robust(
    'robust.reconnect',
    'back-end',
    'A back-end that keeps listening serves the next connection as if it were the first.',
  ),
  robust(
    'robust.fd-identity',
    'back-end',
    'The descriptor that was handed over is the one that is used, and it is closed exactly once.',
  ),
]);
