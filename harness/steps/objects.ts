import { closeSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Descriptor,
  EventFd,
  eventfd,
  memfd,
  NativeError,
  openDirectory,
  openFile,
  pipe,
  Socket,
} from '../../native/index.js';
import { type End, twoEnds } from '../ledger.js';
import type { Run } from '../run-state.js';
import type { CloseStep, KickStep, ObjectKind, OpenStep, RewindStep, ShutdownStep } from '../trace/step.js';
import { sessionOf, skip } from './common.js';

/** Do an `open` step. */
export function open(run: Run, step: OpenStep): void {
  if (run.ledger.has(step.name)) {
    skip(run, sessionOf(run, step.name), `${step.name} is open already`);
    return;
  }
  attempt(run, step.name, 'open ', () => {
    const ends = makers[step.kind](run, step);
    for (const [letter, end] of Object.entries(ends)) if (blocksNot(step, letter)) end.nonblock = true;
    run.ledger.add(step.name, step.kind, ends);
  });
}

/** Do a `close` step. */
export function close(run: Run, step: CloseStep): void {
  noteGrown(run);
  const problem = run.ledger.close(step.name);
  if (problem !== undefined) skip(run, sessionOf(run, step.name), problem);
}

/** Record what pipes the back-end has made larger: more can be on its way through them than we think. */
export function noteGrown(run: Run): void {
  for (const { name, bytes } of run.ledger.grown())
    run.recorder.add(sessionOf(run, name), { type: 'grown', name, bytes });
}

/** Do a `shutdown` step. */
export function shutdown(run: Run, step: ShutdownStep): void {
  use(run, step.name, (end) => {
    if (!(end.descriptor instanceof Socket)) return skip(run, sessionOf(run, step.name), `${step.name} is no socket`);
    end.descriptor.shutdown(step.how);
    // The peer sees end of file when we write no more.
    if (step.how !== 'read') end.finished = true;
  });
}

/** Do a `rewind` step. */
export function rewind(run: Run, step: RewindStep): void {
  use(run, step.name, (end) => end.descriptor.rewind());
}

/** Do a `kick` step. */
export function kick(run: Run, step: KickStep): void {
  use(run, step.name, (end) => {
    if (end.descriptor instanceof EventFd) end.descriptor.signal();
    else skip(run, sessionOf(run, step.name), `${step.name} is no eventfd`);
  });
}

const makers: Readonly<Record<ObjectKind, (run: Run, step: OpenStep) => Record<string, Descriptor>>> = {
  pipe: (_, { name, size }) => {
    const { r, w } = pipe(name, size === undefined ? {} : { capacity: size });
    return { r, w };
  },
  socketpair: (_, { name }) => {
    const [a, b] = Socket.pair([`${name}.a`, `${name}.b`]);
    return { a, b };
  },
  memfd: (_, { name, size }) => ({ '': memfd(name, size ?? 0) }),
  file: (run, { name, size }) => ({ '': regularFile(run.options.workDir, name, size ?? 0) }),
  eventfd: (_, { name }) => ({ '': eventfd(name) }),
  directory: (run, { name }) => ({ '': directory(run.options.workDir, name) }),
  null: (_, { name }) => ({ '': openFile('/dev/null', name, 'rw') }),
};

let files = 0;

/** A regular file without a name: it is gone as soon as its last descriptor is, whatever ends the run. */
function regularFile(workDir: string, role: string, size: number): Descriptor {
  const path = join(workDir, `object-${process.pid}-${files++}`);
  const fd = openSync(path, 'wx', 0o600);
  try {
    ftruncateSync(fd, size);
    return openFile(path, role, 'rw');
  } finally {
    closeSync(fd);
    unlinkSync(path);
  }
}

/** A folder of our own without a name, so that a back-end which holds it can have it from us only. */
function directory(workDir: string, role: string): Descriptor {
  const path = mkdtempSync(join(workDir, 'object-'));
  try {
    return openDirectory(path, role);
  } finally {
    rmdirSync(path);
  }
}

function blocksNot({ kind, nonblock }: OpenStep, letter: string): boolean {
  if (nonblock === undefined) return false;
  return nonblock === 'both' || (kind in twoEnds && nonblock === letter);
}

function use(run: Run, name: string, action: (end: End) => void): void {
  const end = run.ledger.use(name);
  if (typeof end === 'string') skip(run, sessionOf(run, name), end);
  else attempt(run, name, '', () => action(end));
}

/** The kernel may refuse what a trace asks (a rewound pipe, a pipe beyond the user's limit): the step is skipped then. */
function attempt(run: Run, name: string, doing: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    skip(run, sessionOf(run, name), `${doing}${name}: ${error.code}`);
  }
}
