import { must, section } from './clause.js';

/** Message Specification, and Header below it. */
export const messageSpecification = [
  ...section('Message Specification', [
    must('header.native-order', 'both', 'Every number in a message is in the byte order of the machine.'),
  ]),
  ...section('Header', [
    must('header.version', 'back-end', 'A reply has version 1 in the two lowest bits of its flags.'),
    must('header.request-version', 'front-end', 'A request has version 1 in the two lowest bits of its flags.'),
    must('header.reply-flag', 'back-end', 'Every reply has bit 2 of its flags set.'),
    must('header.reply-id', 'back-end', 'A reply bears the number of the request that it answers.'),
    must(
      'header.reply-size',
      'back-end',
      'The size in a reply is the length of its payload, and the payload is the one that the request calls for.',
    ),
  ]),
];
