/** Waits for descriptor numbers on the event loop. `wait.ts` is what others use. */

import { addon } from './addon.js';

/** poll(2) and epoll(7) agree on these. */
export const READABLE = 0x1;
export const WRITABLE = 0x4;
const ERROR_OR_HANGUP = 0x8 | 0x10;

interface Wait {
  readonly events: number;
  readonly done: (ready: boolean) => void;
  timer: NodeJS.Timeout | undefined;
}

/** Waits by number. A number is here only while its wrapper owns it: `cancel` comes before close. */
const waits = new Map<number, Wait[]>();

addon.onReady((fd, events) => {
  const list = waits.get(fd);
  if (list === undefined) return;
  const met = (wait: Wait) => (events & (wait.events | ERROR_OR_HANGUP)) !== 0;
  const rest = list.filter((wait) => !met(wait));
  replace(fd, rest);
  if (rest.length > 0) addon.arm(fd, wanted(rest));
  for (const wait of list) if (met(wait)) settle(wait, true);
});

function wanted(list: readonly Wait[]): number {
  return list.reduce((events, wait) => events | wait.events, 0);
}

function replace(fd: number, list: Wait[]): void {
  if (list.length === 0) waits.delete(fd);
  else waits.set(fd, list);
}

function settle(wait: Wait, ready: boolean): void {
  clearTimeout(wait.timer);
  wait.done(ready);
}

function expire(fd: number, wait: Wait): void {
  const rest = (waits.get(fd) ?? []).filter((other) => other !== wait);
  replace(fd, rest);
  if (rest.length === 0) addon.disarm(fd);
  else addon.arm(fd, wanted(rest));
  wait.done(false);
}

/** Resolves true when one of the events, an error or a hang-up holds, false after `timeoutMs` milliseconds. */
export function ready(fd: number, events: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const wait: Wait = { events, done: resolve, timer: undefined };
    const list = [...(waits.get(fd) ?? []), wait];
    try {
      // False: a file, which is always ready.
      if (!addon.arm(fd, wanted(list))) return resolve(true);
    } catch (error) {
      return reject(error);
    }
    waits.set(fd, list);
    if (Number.isFinite(timeoutMs)) wait.timer = setTimeout(expire, timeoutMs, fd, wait);
  });
}

/** Ends every wait for a number that is about to be closed; they resolve true, and the next call tells the rest. */
export function cancel(fd: number): void {
  const list = waits.get(fd);
  if (list === undefined) return;
  waits.delete(fd);
  addon.disarm(fd);
  for (const wait of list) settle(wait, true);
}
