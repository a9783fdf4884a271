import type { Run } from '../run-state.js';
import type { Step } from '../trace/step.js';
import { awaitReplies } from './await.js';
import { read, write } from './channel.js';
import { connect, disconnect, start } from './connect.js';
import { linger } from './linger.js';
import { message } from './message.js';
import { close, kick, open, rewind, shutdown } from './objects.js';

type Doer<K extends Step['do']> = (run: Run, step: Extract<Step, { do: K }>) => void | Promise<void>;

const doers: { readonly [K in Step['do']]: Doer<K> } = {
  call: message,
  send: message,
  await: awaitReplies,
  open,
  close,
  shutdown,
  write,
  rewind,
  read,
  kick,
  disconnect,
  connect,
  start,
  linger,
};

/** Do one step. Whatever the back-end does is recorded; nothing is thrown for it. */
export function perform(run: Run, step: Step): void | Promise<void> {
  return (doers[step.do] as Doer<Step['do']>)(run, step as never);
}
