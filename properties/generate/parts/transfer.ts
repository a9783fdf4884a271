/** The channel of a migration, from its making to CHECK_DEVICE_STATE. */

import type { ObjectKind, OpenStep } from '../../../harness/trace/step.js';
import { transferring } from '../../../model/session/index.js';
import { type Extra, LOAD, negotiated, SAVE, type View, type World } from '../world.js';
import { isQuiet } from './rings.js';

/** What is special in a channel. */
export interface ChannelOptions extends Pick<OpenStep, 'size' | 'nonblock'> {
  readonly kind?: 'pipe' | 'socketpair' | 'memfd' | 'file';
  /** Keep our copy of the end that goes over. */
  readonly keep?: boolean;
  /** Of the message. */
  readonly extra?: Extra;
}

export const isFile = (kind: ObjectKind): boolean => kind === 'memfd' || kind === 'file';

/** The connection is there, as far as the model can say. */
export const isConnected = (view: View): boolean => view.state.link === 'up' || view.state.link === 'doubtful';

/** And what is sent now is answered at once: nothing hides behind a CHECK_DEVICE_STATE without an answer. */
export const isUp = (view: View): boolean => isConnected(view) && !view.checking;

/** A lawful front-end could begin a transfer now. */
export const mayTransfer = (view: View): boolean =>
  isUp(view) && negotiated(view, 'DEVICE_STATE') && isQuiet(view) && !transferring(view.state);

/** A channel as front-ends make them, by chance an unusual one. */
export function someChannel(w: World, save: boolean): ChannelOptions {
  const { dice } = w;
  const kinds = w.profile.ownChannel
    ? (['pipe', 'pipe', 'socketpair'] as const)
    : (['pipe', 'pipe', 'pipe', 'pipe', 'socketpair', 'memfd', 'file'] as const);
  const kind = dice.pick(kinds);
  if (kind === 'socketpair') return { kind, ...(dice.chance(0.3) ? { nonblock: dice.pick(['b', 'both']) } : {}) };
  if (kind !== 'pipe') return { kind };
  const size = dice.chance(0.25) ? { size: dice.pick([4096, 4096, 65_536, 1_048_576]) } : {};
  return { kind, ...size, ...(dice.chance(0.25) ? { nonblock: dice.pick([save ? 'w' : 'r', 'both']) } : {}) };
}

/** Open a channel and hand it over. @returns whether the transfer runs, by what is predicted. */
export function begin(w: World, view: View, save: boolean, options: ChannelOptions = {}): boolean {
  const { kind = 'pipe', size, nonblock } = options;
  const name = w.open(kind, {
    ...(size === undefined ? {} : { size }),
    ...(nonblock === undefined ? {} : { nonblock }),
  });
  const [ours, theirs] = endsOf(name, kind, save);
  handOver(w, view, save, name, kind, ours, theirs, options.extra);
  if (ours !== theirs && !options.keep) w.close(theirs);
  return transferring(view.state);
}

/** SET_DEVICE_STATE_FD for a channel that is there. */
export function handOver(
  w: World,
  view: View,
  save: boolean,
  name: string,
  kind: ObjectKind,
  ours: string,
  theirs: string,
  extra: Extra = {},
): void {
  const before = view.channel;
  const output = w.say(view, 'SET_DEVICE_STATE_FD', {
    with: save ? SAVE : LOAD,
    fds: [theirs],
    channel: ours,
    ...extra,
  });
  const begun = output.startsWith('set ok');
  if (!begun && before !== undefined && transferring(view.state)) return;
  view.channel = { save, name, kind, ours, theirs, written: 'none', content: 'unknown', tapped: false };
}

/** Our end and theirs. */
export function endsOf(name: string, kind: ObjectKind, save: boolean): readonly [string, string] {
  if (kind === 'pipe') return save ? [`${name}.r`, `${name}.w`] : [`${name}.w`, `${name}.r`];
  if (kind === 'socketpair') return [`${name}.a`, `${name}.b`];
  return [name, name];
}

/** Close our end, and what else is ours of the channel. */
export function closeChannel(w: World, view: View): void {
  const { channel } = view;
  if (channel === undefined) return;
  if (channel.theirs !== channel.ours) w.close(channel.theirs);
  // What a back-end brings in its place need not be a socket.
  const socket = channel.kind === 'socketpair' && !w.profile.ownChannel;
  if (socket && !channel.save && w.has(channel.ours) && w.dice.chance(0.3)) {
    w.shutdown(view, 'write');
    return;
  }
  w.close(channel.ours);
}

export const check = (w: World, view: View, extra: Extra = {}): void => {
  w.say(view, 'CHECK_DEVICE_STATE', extra);
};

/** Take a save to its end. @returns the name of the state. */
export function finishSave(w: World, view: View): string | undefined {
  const { channel } = view;
  if (channel === undefined) return undefined;
  if (isFile(channel.kind)) {
    check(w, view);
    w.rewind(channel.ours);
    const state = w.readAll(view);
    w.close(channel.ours);
    return state;
  }
  const state = w.readAll(view);
  // QEMU closes its end first.
  const first = w.dice.chance(0.7);
  if (first) closeChannel(w, view);
  check(w, view);
  if (!first && w.dice.chance(0.8)) closeChannel(w, view);
  w.awaitCheck(view);
  return state;
}

/** Save whole. @returns the name of the state. */
export function save(w: World, view: View, options = someChannel(w, true)): string | undefined {
  if (!begin(w, view, true, options)) {
    closeChannel(w, view);
    return undefined;
  }
  return finishSave(w, view);
}

/** Write a state whole, in one piece or several. */
export function writeState(w: World, view: View, state: string, between: () => void = () => {}): void {
  if (w.dice.chance(0.6)) {
    w.write(view, { state }, 'valid');
    return;
  }
  const at = w.dice.pick(['10%', '50%', '90%', 1, 16]);
  w.write(view, { state, to: at }, 'truncated');
  between();
  w.write(view, { state, from: at }, 'valid');
}

/** Load with the bytes that `write` brings. */
export function loadWith(w: World, view: View, options: ChannelOptions, write: () => void): void {
  const { kind = 'pipe' } = options;
  if (!isFile(kind)) {
    const runs = begin(w, view, false, options);
    if (runs) write();
    closeChannel(w, view);
    if (runs) check(w, view);
    return;
  }
  const name = w.open(kind);
  const { dice } = w;
  view.channel = {
    save: false,
    name,
    kind,
    ours: name,
    theirs: name,
    written: 'none',
    content: 'unknown',
    tapped: false,
  };
  const before = view.channel;
  write();
  w.rewind(name);
  const { written, content } = before;
  handOver(w, view, false, name, kind, name, name, options.extra);
  if (view.channel !== undefined) Object.assign(view.channel, { written, content });
  const late = dice.chance(0.5);
  if (!late || !transferring(view.state)) w.close(name);
  else w.handed(view);
  if (transferring(view.state)) check(w, view);
  if (late) w.close(name);
}

/** Load a state whole. */
export function load(w: World, view: View, state: string, options = someChannel(w, false)): void {
  loadWith(w, view, options, () => writeState(w, view, state));
}

/** Give a transfer that runs the end that a front-end would give it. */
export function finish(w: World, view: View): void {
  const { channel } = view;
  if (channel === undefined) return;
  if (channel.save) finishSave(w, view);
  else {
    closeChannel(w, view);
    check(w, view);
    w.awaitCheck(view);
  }
}
