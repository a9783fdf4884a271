import { may, must, section, should } from './clause.js';

/** Backend program conventions: the process around the protocol. */
export const conventions = section('Backend program conventions', [
  should('conventions.json-file', 'back-end', 'An installed back-end comes with a JSON file that describes it.'),
  should(
    'conventions.fail-early',
    'back-end',
    'A back-end that cannot do what its options ask for ends at once with a status other than 0.',
  ),
  must('conventions.no-daemon', 'back-end', 'A back-end does not put itself into the background.'),
  must(
    'conventions.stdio',
    'both',
    'Descriptors 0, 1 and 2 are open when a back-end starts, and it uses them as standard input, output and error.',
  ),
  must('conventions.sigterm', 'back-end', 'A back-end ends soon and cleanly when it receives SIGTERM.'),
  must('conventions.socket-path', 'back-end', 'Option --socket-path says where the socket is.'),
  must('conventions.fd', 'back-end', 'Option --fd names a descriptor that is the socket already.'),
  must('conventions.one-socket', 'back-end', 'Options --socket-path and --fd do not go together.'),
  must(
    'conventions.print-capabilities',
    'back-end',
    'Option --print-capabilities writes the capabilities to standard output as JSON, does nothing else, and ends with status 0.',
  ),
  may(
    'conventions.device-options',
    'back-end',
    'The options that the source lists for one kind of device may be left out.',
  ),
]);
