/**
 * Questions that the source leaves open. Each is a variant of the model: every answer is accepted unless a run pins one, and
 * the first answer is what the reference back-end does by default.
 */

/** One answer to an open question. */
export interface Answer<N extends string = string> {
  readonly name: N;
  readonly text: string;
}

/** A question that the source leaves open. */
export interface OpenQuestion {
  readonly id: `open.${string}`;
  readonly question: string;
  /** Why the source does not settle it. */
  readonly why: string;
  /** Heading in vhost-user.rst that it is about. */
  readonly section: string;
  readonly answers: readonly Answer[];
  /** Name of the first answer. */
  readonly defaultAnswer: string;
}

/** Answers by name, the default first. */
type Answers<N extends string> = Readonly<Record<N, string>>;

interface Open<I extends string, N extends string> extends OpenQuestion {
  readonly id: `open.${I}`;
  readonly answers: readonly Answer<N>[];
  readonly defaultAnswer: N;
}

function open<const I extends string, const N extends string>(
  id: I,
  section: string,
  question: string,
  why: string,
  answers: Answers<N>,
): Open<I, N> {
  const list = (Object.entries(answers) as [N, string][]).map(([name, text]) => ({ name, text }));
  return { id: `open.${id}`, question, why, section, answers: list, defaultAnswer: list[0]!.name };
}

const SET = 'Front-end message types, VHOST_USER_SET_DEVICE_STATE_FD';
const CHECK = 'Front-end message types, VHOST_USER_CHECK_DEVICE_STATE';
const BASE = 'Front-end message types, VHOST_USER_GET_VRING_BASE';
const STATE = 'Migrating back-end state';

const all = [
  open(
    'enforce-suspended',
    'Device state transfer parameters',
    'Is a transfer refused as long as a ring is started?',
    'The phase says that the device is suspended, but not who has to see to it.',
    {
      accept: 'It takes the request, as stopping the rings is up to the front-end.',
      refuse: 'It refuses, for the device is not suspended.',
    },
  ),
  open(
    'refusal',
    SET,
    'How is a transfer refused?',
    'There is an error value for it, and there is the leave to close the connection over an error.',
    {
      error: 'The reply says error, and the connection stays.',
      close: 'The connection is closed.',
    },
  ),
  open(
    'check-without-set',
    CHECK,
    'What answers CHECK_DEVICE_STATE when there was no transfer on this connection?',
    'The message is defined only for the time after a transfer.',
    {
      error: 'An error, as nothing was transferred.',
      success: 'Success, as nothing went wrong.',
      last: 'The result that was known last, which is success when there was none.',
    },
  ),
  open(
    'check-twice',
    CHECK,
    'What answers a second CHECK_DEVICE_STATE after the same transfer?',
    'Nothing says whether the result is used up by the first answer.',
    {
      error: 'An error, as there is no transfer left to check.',
      same: 'The same as the first time.',
    },
  ),
  open(
    'check-before-eof',
    CHECK,
    'What happens to CHECK_DEVICE_STATE while the channel is still open?',
    'The front-end is to send it later, and the back-end to answer once it knows; an early one falls between.',
    {
      wait: 'It is answered when the transfer has ended.',
      error: 'It is answered at once with an error.',
    },
  ),
  open(
    'second-set',
    SET,
    'What happens to SET_DEVICE_STATE_FD while a transfer runs or before it was checked?',
    'The source tells of one transfer and one check, and of nothing in between.',
    {
      refuse: 'The second is refused and the first goes on.',
      replace: 'The first is given up and the second takes its place.',
      both: 'Both run, and the check is about both.',
    },
  ),
  open(
    'error-no-fd-bit',
    SET,
    'Is bit 8 set in a reply that says error?',
    'No descriptor comes with an error, which bit 8 would say, but many take it to belong to success alone.',
    {
      set: 'It is set, as no descriptor comes along.',
      clear: 'It is clear, as the error says enough.',
    },
  ),
  open(
    'high-bits',
    SET,
    'What is in bits 9 to 63 of the reply to SET_DEVICE_STATE_FD?',
    'Only bits 0 to 8 are given a meaning.',
    {
      zero: 'All are zero.',
      set: 'They may hold anything.',
    },
  ),
  open(
    'trailing-data',
    STATE,
    'What becomes of a load with more bytes behind a complete state?',
    'All data is to be read and processed, but where a state ends is up to the back-end.',
    {
      reject: 'The load fails.',
      accept: 'The bytes behind the state are read and ignored.',
    },
  ),
  open(
    'empty-state',
    STATE,
    'Is a load of no bytes at all a good load?',
    'No state has a least size, and a back-end may have nothing to say.',
    {
      reject: 'The load fails.',
      accept: 'The load succeeds and leaves the device as it began.',
    },
  ),
  open(
    'load-before-features',
    STATE,
    'Does a load work before features, memory and rings are set up?',
    'The order of set-up and load on the destination is not given, and real front-ends load first.',
    {
      accept: 'It works at any time.',
      refuse: 'It is refused until features are set.',
    },
  ),
  open(
    'reset-during-transfer',
    'Front-end message types, VHOST_USER_RESET_DEVICE',
    'What does RESET_DEVICE, SET_STATUS 0, SET_FEATURES or SET_OWNER do to a running transfer?',
    'A reset brings back the initial state, of which a transfer may or may not be a part.',
    {
      cancel: 'The transfer ends and has failed.',
      continue: 'The transfer goes on.',
      refuse: 'The message fails, and the transfer goes on.',
    },
  ),
  open(
    'base-of-unset-ring',
    BASE,
    'What answers GET_VRING_BASE for a ring that was never set up, or is stopped already?',
    'Such a ring is stopped to begin with, so that there is nothing to stop and nothing to count.',
    {
      answer: 'An index as for any ring.',
      close: 'The connection is closed.',
    },
  ),
  open(
    'base-drops-fds',
    BASE,
    'Does a ring forget its descriptors and addresses when GET_VRING_BASE stops it?',
    'The message stops the ring and returns its index; real back-ends do more.',
    {
      drop: 'Its descriptors are closed and have to be set again.',
      keep: 'It keeps them for the next start.',
    },
  ),
  open(
    'start-moment',
    'Ring states',
    'When does a ring start, and are buffers found that were there before?',
    'The text says at a kick, while many back-ends start at the message that brings the kick descriptor.',
    {
      'first-kick': 'It starts at the first kick and processes nothing before it.',
      message: 'It starts at SET_VRING_KICK and processes what is there.',
    },
  ),
  open(
    'save-side-effects',
    STATE,
    'May a save change the device that goes on running after it?',
    'A failed migration must leave the source as it was, but a save by itself is not called harmless.',
    {
      none: 'The device is the same before and after.',
      some: 'What the guest cannot see may change.',
    },
  ),
  open(
    'disconnect-mid-transfer',
    STATE,
    'Does a transfer survive the connection that it was set up over?',
    'The channel is a descriptor of its own, which a closed connection does not close.',
    {
      abort: 'The transfer ends with the connection and its descriptor is closed.',
      continue: 'The transfer goes on to the end of its channel.',
    },
  ),
  open(
    'log-all',
    'Migration',
    'Does a change of LOG_ALL mean anything to a transfer?',
    'Setting it announces a migration to those who look, and clearing it may be the only sign that one was called off.',
    {
      ignore: 'It switches the log and does nothing else.',
      cancel: 'A running transfer is given up when it is cleared.',
    },
  ),
  open(
    'reply-list',
    'Communication',
    'Do SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE have replies of their own?',
    'They are missing in the list of messages that do, while their own entries give them a reply payload.',
    {
      reply: 'They have, as their own entries say.',
    },
  ),
  open(
    'kick-after-stop',
    'Ring states',
    'Does a kick on the old descriptor start a ring that GET_VRING_BASE stopped?',
    'By the letter any kick does, while back-ends that forget the descriptor never see it.',
    {
      ignored: 'It does nothing until a kick descriptor is set again.',
      starts: 'It starts the ring.',
    },
  ),
  open(
    'reset-stops',
    'Front-end message types, VHOST_USER_RESET_DEVICE',
    'Does RESET_DEVICE stop the rings, or only disable them?',
    'It is said to disable them and to bring back the initial state, in which they are stopped too.',
    {
      stops: 'They are stopped and disabled.',
      disables: 'They are disabled, and started ones stay started.',
    },
  ),
  open(
    'base-error',
    BASE,
    'What answers GET_VRING_BASE for a ring that the device does not have?',
    'The reply has no room for an error, and asking for an acknowledgement changes nothing here.',
    {
      close: 'The connection is closed.',
      zero: 'A reply with number 0 for the ring that was asked for.',
    },
  ),
  open(
    'log-base-reply',
    'Front-end message types, VHOST_USER_SET_LOG_BASE',
    'What does the reply to SET_LOG_BASE hold?',
    'It is listed among the messages with a reply, and its own entry has no reply payload.',
    {
      none: 'A header alone.',
      u64: 'A 64-bit number, 0 when it worked.',
      echo: 'The payload of the request.',
    },
  ),
  open(
    'mem-reg-payload',
    'Front-end message types, VHOST_USER_ADD_MEM_REG',
    'Do ADD_MEM_REG and REM_MEM_REG have a reply of their own outside of postcopy?',
    'Their entries give the region as payload of the reply and nothing for the request, while the prose has the region in the request.',
    {
      none: 'They have none, and are acknowledged only when asked to.',
      echo: 'They are answered with the region.',
    },
  ),
  open(
    'backend-req-reply',
    'Front-end message types, VHOST_USER_SET_BACKEND_REQ_FD',
    'Is SET_BACKEND_REQ_FD answered wherever REPLY_ACK is negotiated, or only when it asks for a reply?',
    'Its entry names the feature and not the flag, while the section on the feature names the flag.',
    {
      asked: 'Only when it asks for a reply.',
      always: 'Whenever REPLY_ACK is negotiated.',
    },
  ),
  open(
    'disabled-requests',
    'Ring states',
    'What happens to requests on a started but disabled ring of a device that owes an answer to each?',
    'The example is of a network device, which may drop packets; what a file system does in its place is not said.',
    {
      discard: 'They are taken and returned without having been carried out.',
      hold: 'They are taken, and carried out when the ring is enabled.',
      leave: 'They stay in the ring until it is enabled.',
    },
  ),
  open(
    'behind-check',
    CHECK,
    'Is a message that is sent behind an unanswered CHECK_DEVICE_STATE answered before it or after it?',
    'Replies come in the order of the requests, while a suspended device is to go on answering.',
    {
      after: 'After it, in the order of the requests.',
      before: 'Before it, as the check is still waiting.',
    },
  ),
] as const;

/** The id of an open question. */
export type OpenId = (typeof all)[number]['id'];

/** The answers to an open question, by name. */
export type AnswerName<I extends OpenId> = Extract<(typeof all)[number], { id: I }>['defaultAnswer'];

/** All open questions. */
export const openQuestions: readonly (OpenQuestion & { readonly id: OpenId })[] = all;

const byId = new Map<string, OpenQuestion & { readonly id: OpenId }>(all.map((question) => [question.id, question]));

/** The open question of that id. @throws Error when there is none. */
export function openQuestion(id: string): OpenQuestion & { readonly id: OpenId } {
  const found = byId.get(id);
  if (found === undefined) throw new Error(`no open question is called "${id}"`);
  return found;
}
