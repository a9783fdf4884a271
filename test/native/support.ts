/** What the tests of the native layer share. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import ts from 'typescript';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { type Descriptor, openDescriptors, readyNow, unclosed } from '../../native/index.js';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * After every test of the file: the same descriptors as before, and no wrapper left open. In a worker thread only the
 * latter, because other files' tests run in the same process.
 */
export function expectNoDescriptorsLeft(): void {
  const open = () => (isMainThread ? openDescriptors().map(({ fd, target }) => `${fd} ${target}`) : []);
  const now = () => ({ open: open(), unclosed: unclosed() });
  let before: ReturnType<typeof now>;
  beforeEach(() => {
    before = now();
  });
  afterEach(() => {
    expect(now()).toEqual(before);
  });
}

/** A directory for the tests of one file, removed after them. */
export function temporaryDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vhost-check-native-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The wrappers as JavaScript, for child processes and worker threads, laid out as in an installed package. */
export function compiledNative(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'dist', 'native'), { recursive: true });
  mkdirSync(join(folder, 'native'));
  symlinkSync(join(root, 'native', 'build'), join(folder, 'native', 'build'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'vhost-check', type: 'module' }));
  for (const file of readdirSync(join(root, 'native')).filter((name) => name.endsWith('.ts'))) {
    const compiled = ts.transpileModule(readFileSync(join(root, 'native', file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, 'dist', 'native', file.replace(/\.ts$/, '.js')), compiled.outputText);
  }
  return join(folder, 'dist', 'native', 'index.js');
}

/**
 * Runs a module in a process of its own, in which `n` is the native layer.
 * @param launcher a command that starts it
 * @param inherited our numbers that it has from 3 on
 * @returns what it printed, or why it failed
 */
export function runScript(
  index: string,
  body: string,
  nodeOptions: string[] = [],
  launcher: string[] = [],
  inherited: number[] = [],
): string {
  const source = `const n = await import(${JSON.stringify(index)});\n${body}`;
  const [command, ...args] = [...launcher, process.execPath, ...nodeOptions, '--input-type=module', '--eval', source];
  const result = spawnSync(command!, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', ...inherited],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  if (result.status !== 0) {
    return `status ${result.status}, signal ${result.signal}\n${result.stdout}${result.stderr}${result.error ?? ''}`;
  }
  return result.stdout.trim();
}

/**
 * Whether the peer of a descriptor is gone: at once, but for a child that another test, in another thread, is just
 * starting: until that child runs its program it holds copies of all our descriptors.
 */
export function peerGone(descriptor: Descriptor): boolean {
  return readyNow(descriptor, 'hangup', 10_000_000);
}

/** The bytes 0, 1, 2, … */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}

/** The code of a NativeError that `run` throws, with the call and the role. */
export function failure(run: () => unknown): { code: unknown; call: unknown; role: unknown } {
  try {
    run();
  } catch (error) {
    const { code, call, role } = error as Record<string, unknown>;
    return { code, call, role };
  }
  throw new Error('it did not throw');
}
