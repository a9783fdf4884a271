import { must, section, should } from '../clause.js';

/** Front-end message types: the two messages that move the state of a back-end. */
export const deviceState = [
  ...section('Front-end message types, VHOST_USER_SET_DEVICE_STATE_FD', [
    must(
      'device-state.negotiated-set',
      'both',
      'SET_DEVICE_STATE_FD needs DEVICE_STATE to be negotiated, and does not succeed without.',
    ),
    must('set.one-fd', 'both', 'Exactly one descriptor comes with SET_DEVICE_STATE_FD.'),
    must(
      'set.reply-error-bits',
      'back-end',
      'The low eight bits of the reply to SET_DEVICE_STATE_FD are 0 on success and not 0 on an error.',
    ),
    must(
      'set.reply-no-fd-bit',
      'back-end',
      'Bit 8 of the reply to SET_DEVICE_STATE_FD is set exactly when no descriptor comes with it.',
    ),
    must('set.no-error-with-fd', 'back-end', 'A reply that says error brings no descriptor.'),
    must(
      'set.own-channel',
      'both',
      'A back-end may answer with a descriptor of its own, and the front-end then drops its channel and uses that one.',
    ),
    should(
      'set.own-channel-preferred',
      'back-end',
      'A back-end that has a more efficient channel than the one it was given uses its own.',
    ),
    must(
      'channel.any-kind',
      'back-end',
      'Every descriptor that can be written, or read, from beginning to end will do: pipe, socket, memory file or file, blocking or not.',
    ),
    must(
      'channel.front-end-kind',
      'front-end',
      'The descriptor that the front-end hands over can be written, or read, from beginning to end, and the reader can meet an end of file.',
    ),
  ]),
  ...section('Front-end message types, VHOST_USER_CHECK_DEVICE_STATE', [
    must(
      'device-state.negotiated-check',
      'both',
      'CHECK_DEVICE_STATE needs DEVICE_STATE to be negotiated, and does not succeed without.',
    ),
    must(
      'check.value',
      'back-end',
      'CHECK_DEVICE_STATE is answered with 0 for success and with anything else for an error.',
    ),
    must('check.truth-save', 'back-end', 'After a save, 0 means that the whole state was written.'),
    must(
      'check.truth-load',
      'back-end',
      'After a load, 0 means that the whole state was read and is valid, which one that is cut off, damaged, empty or of another device is not.',
    ),
    // The message itself does not ask for checksums; the change that brought it speaks of integrity, as errors while the
    // state is taken apart. So a damaged byte that leaves a readable state is no breach of a must.
    should(
      'check.integrity',
      'back-end',
      'A state that was damaged on its way is told apart from a whole one, and its load is an error.',
    ),
  ]),
];
