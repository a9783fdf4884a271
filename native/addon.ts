/** The compiled addon: plain functions on descriptor numbers. Nothing but the wrappers beside this file uses it. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `native/src` exports. Every function throws an Error with `code`, `errno` and `call`. */
export interface Addon {
  readonly flags: Readonly<
    Record<
      | 'O_RDONLY'
      | 'O_WRONLY'
      | 'O_RDWR'
      | 'O_CREAT'
      | 'O_TRUNC'
      | 'O_EXCL'
      | 'O_DIRECTORY'
      | 'O_NONBLOCK'
      | 'O_ACCMODE',
      number
    >
  >;
  adopt(fd: number): number;
  close(fd: number): boolean;
  release(fd: number): void;
  dup(fd: number): number;
  same(a: number, b: number, first: number): boolean;
  stat(fd: number): { kind: string; ino: bigint; dev: bigint; size: bigint };
  identity(fd: number): string;
  getFlags(fd: number): number;
  setNonblock(fd: number, on: boolean): void;
  poll(fd: number, events: number, microseconds: number): number;
  pending(fd: number): number;
  seek(fd: number, offset: number): void;
  resize(fd: number, size: number): void;

  read(fd: number, bytes: Uint8Array, max: number): number;
  write(fd: number, bytes: Uint8Array): number;
  setPipeMethod(method: number): void;

  connect(path: string): number;
  listen(path: string, backlog: number): number;
  accept(fd: number): number;
  socketpair(): [number, number];
  send(fd: number, bytes: Uint8Array, descriptors?: readonly number[]): number;
  receive(fd: number, bytes: Uint8Array, max: number, out: Int32Array): number;
  shutdown(fd: number, how: number): void;
  unread(fd: number): number;
  peer(fd: number): { pid: number; uid: number; gid: number };
  setBuffer(fd: number, bytes: number): void;

  pipe(): [number, number];
  capacity(fd: number, bytes?: number): number;
  memfd(name: string, size: number): number;
  openFile(path: string, flags: number, mode: number): number;

  eventfd(nonblock: boolean): number;
  signal(fd: number, count: bigint): boolean;
  take(fd: number): bigint;

  map(fd: number, length: number, offset: number): { buffer: ArrayBuffer; handle: object };
  unmap(buffer: ArrayBuffer, handle: object): void;

  onReady(callback: (fd: number, events: number) => void): void;
  arm(fd: number, events: number, hold: boolean): boolean;
  disarm(fd: number): void;

  holdings(pid: number, identities: readonly string[], list: boolean): unknown;
  processFacts(pid: number, withDescriptors: boolean): unknown;
  openDescriptors(): { fd: number; target: string }[];
  spawn(argv: readonly string[], environment: readonly string[]): [pidfd: number, stderr: number, pid: number];
  reap(pidfd: number): [status: number, signal: number] | undefined;
  pidfdOpen(pid: number): number;
  pidfdSignal(fd: number, signal: number): boolean;
  startOn(cpus: readonly number[]): void;
  bringHere(pid: number): void;
  pinTo(cpu: number): void;
  allowedCpus(): number[];
}

/** The directory of our package.json: above this file both in the source tree and in dist. */
function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'vhost-check') return folder;
    if (folder === dirname(folder)) throw new Error('vhost-check: no package.json of ours above the native wrappers');
  }
}

function load(): Addon {
  const file = join(packageRoot(), 'native', 'build', 'Release', 'vhost_check_native.node');
  if (!existsSync(file)) throw new Error(`vhost-check: the addon is not built (${file}); run: npm rebuild vhost-check`);
  return createRequire(import.meta.url)(file) as Addon;
}

/** One instance for each JavaScript environment (main thread or worker). */
export const addon: Addon = load();
