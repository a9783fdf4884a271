import type { Step } from './step.js';

type FieldOf<K extends Step['do']> = Exclude<keyof Extract<Step, { do: K }>, 'do'>;

/**
 * How each step is written: its verb is a key, which holds the argument that says most, and the other arguments follow
 * in this order.
 */
export const verbs = {
  call: ['message', 'on', 'with', 'fds', 'needReply', 'flags', 'size', 'raw', 'cut', 'glue', 'only', 'channel'],
  send: ['message', 'on', 'with', 'fds', 'needReply', 'flags', 'size', 'raw', 'cut', 'glue', 'only', 'channel'],
  await: ['replies', 'on'],
  open: ['name', 'kind', 'size', 'nonblock'],
  close: ['name'],
  shutdown: ['name', 'how'],
  write: ['name', 'state', 'from', 'to', 'flip', 'hex', 'pattern'],
  rewind: ['name'],
  read: ['name', 'bytes', 'into'],
  kick: ['name'],
  disconnect: ['on'],
  connect: ['on'],
  start: ['session'],
  linger: ['ms'],
} as const satisfies { readonly [K in Step['do']]: readonly FieldOf<K>[] };

export type Verb = keyof typeof verbs;

export const isVerb = (word: string): word is Verb => Object.hasOwn(verbs, word);
