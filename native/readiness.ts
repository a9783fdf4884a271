/** Waits for descriptor numbers on the event loop. `wait.ts` is what others use. */

import { addon } from './addon.js';

/** Events; poll(2) and epoll(7) agree on these numbers. */
export const READABLE = 0x1;
export const WRITABLE = 0x4;
/** The peer of a socket sends no more. The other kinds of hang-up are reported whatever is asked for. */
export const HANGUP = 0x2000;
const ERROR_OR_HANGUP = 0x8 | 0x10;

interface Wait {
  readonly events: number;
  /** It keeps the event loop alive. */
  readonly hold: boolean;
  readonly done: (ready: boolean) => void;
  timer: NodeJS.Timeout | undefined;
}

/** Waits by number. A number is here only while its wrapper owns it: `cancel` comes before close. */
const waits = new Map<number, Wait[]>();

addon.onReady((fd, events) => {
  const list = waits.get(fd) ?? [];
  const met = (wait: Wait) => (events & (wait.events | ERROR_OR_HANGUP)) !== 0;
  const rest = list.filter((wait) => !met(wait));
  // An event is reported once, so with nobody left to wait the kernel has nothing to be told.
  if (rest.length === 0) waits.delete(fd);
  else update(fd, rest);
  for (const wait of list) if (met(wait)) settle(wait, true);
});

/** Makes `list` the waits of a number, and the kernel look for just their events. */
function update(fd: number, list: Wait[]): void {
  if (list.length === 0) {
    waits.delete(fd);
    addon.disarm(fd);
    return;
  }
  waits.set(fd, list);
  try {
    addon.arm(fd, wanted(list), held(list));
  } catch {
    // Somebody closed the number behind our back. Whoever waits shall learn it from the next call.
    cancel(fd);
  }
}

function wanted(list: readonly Wait[]): number {
  return list.reduce((events, wait) => events | wait.events, 0);
}

function held(list: readonly Wait[]): boolean {
  return list.some((wait) => wait.hold);
}

function settle(wait: Wait, ready: boolean): void {
  clearTimeout(wait.timer);
  wait.done(ready);
}

function expire(fd: number, wait: Wait): void {
  update(
    fd,
    (waits.get(fd) ?? []).filter((other) => other !== wait),
  );
  wait.done(false);
}

/**
 * Resolves true when one of the events, an error or a hang-up holds, false after `timeoutMs` milliseconds.
 * While it is pending it keeps the event loop alive.
 */
export function ready(fd: number, events: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const wait: Wait = { events, hold: true, done: resolve, timer: undefined };
    const list = [...(waits.get(fd) ?? []), wait];
    try {
      // False: a file, which is always ready.
      if (!addon.arm(fd, wanted(list), held(list))) return resolve(true);
    } catch (error) {
      return reject(error);
    }
    waits.set(fd, list);
    if (Number.isFinite(timeoutMs)) wait.timer = setTimeout(expire, Math.min(timeoutMs, LONGEST), fd, wait);
  });
}

/**
 * Calls `listener` once, when one of the events, an error or a hang-up holds; sooner when the number is closed. It does not
 * keep the event loop alive.
 */
export function listen(fd: number, events: number, listener: () => void): void {
  const list = [...(waits.get(fd) ?? []), { events, hold: false, done: listener, timer: undefined }];
  addon.arm(fd, wanted(list), held(list));
  waits.set(fd, list);
}

/** What setTimeout takes at most, about 25 days; more would mean no wait at all. */
const LONGEST = 2 ** 31 - 1;

/** Ends every wait for a number that is closed or about to be; they resolve true, and the next call tells the rest. */
export function cancel(fd: number): void {
  const list = waits.get(fd);
  if (list === undefined) return;
  waits.delete(fd);
  addon.disarm(fd);
  for (const wait of list) settle(wait, true);
}
