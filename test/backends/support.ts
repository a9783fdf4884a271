/** What the tests of the back-ends share. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll } from 'vitest';
import { openTarget, type TargetSpec } from '../../backends/index.js';
import type { Instance, Target } from '../../harness/target.js';
import { encodeMessage, Request } from '../../model/wire/index.js';
import { openDescriptors, type Socket, waitFor } from '../../native/index.js';

const root = resolve(import.meta.dirname, '..', '..');

/** A directory for the tests of one file, removed after them. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A command line of the back-end made for these tests, see `fake-back-end.mjs`. */
export function fake(...options: string[]): string[] {
  return [process.execPath, join(import.meta.dirname, 'fake-back-end.mjs'), '--socket-path={socket}', ...options];
}

/** Open a target, use it, dispose of it. */
export async function withTarget<T>(
  spec: TargetSpec,
  options: Partial<Parameters<typeof openTarget>[1]> & { workDir: string },
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await openTarget(spec, { reuse: false, spares: 0, ...options });
  try {
    return await use(target);
  } finally {
    await target.dispose();
  }
}

/** Ask GET_FEATURES. @returns the reply's payload; undefined when the connection is gone or nothing came. */
export async function features(socket: Socket): Promise<bigint | undefined> {
  socket.send(encodeMessage({ request: Request.GET_FEATURES }));
  if (!(await waitFor(socket, 'readable', 5_000))) return undefined;
  const answer = socket.receive(20);
  return answer?.bytes.length === 20 ? new DataView(answer.bytes.slice().buffer).getBigUint64(12, true) : undefined;
}

/** Connect, ask one question, leave. */
export async function talk(instance: Instance): Promise<bigint | undefined> {
  const socket = await instance.connect(5_000);
  try {
    return await features(socket);
  } finally {
    socket.close();
  }
}

/** Whether there is such a process and it is not just waiting to be reaped. */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Give the tests of one file a temporary directory of their own, so that they see only what they made there. */
export function ownTemporaryDirectory(): void {
  const old = process.env.TMPDIR;
  const own = mkdtempSync('/tmp/vt-');
  process.env.TMPDIR = own;
  afterAll(() => {
    if (old === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = old;
    rmSync(own, { recursive: true, force: true });
  });
}

/** Private directories of back-ends that exist now. */
export function places(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('vhc-'));
}

/** What this process holds open, without what the event loop makes for itself. */
export function descriptors(): string[] {
  return openDescriptors()
    .map(({ target }) => target.replace(/\d+/g, 'N'))
    .filter((target) => !/inotify|eventpoll|io_uring/.test(target))
    .sort();
}

/**
 * Back-ends and what they need as JavaScript, laid out as in an installed package, for scripts in a process of their own.
 * @returns the directory of the package.
 */
export function compiled(): string {
  const directory = temporaryDirectory();
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'vhost-check', version: '0.0.0', type: 'module' }),
  );
  mkdirSync(join(directory, 'native'));
  symlinkSync(join(root, 'native', 'build'), join(directory, 'native', 'build'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const folder of ['native', 'model/wire', 'harness', 'backends']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const target = join(directory, 'dist', folder, file.replace(/\.ts$/, '.js'));
      if (!existsSync(dirname(target))) mkdirSync(dirname(target), { recursive: true });
      const source = readFileSync(join(root, folder, file), 'utf8');
      writeFileSync(
        target,
        ts.transpileModule(source, {
          compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
        }).outputText,
      );
    }
  }
  return directory;
}

/** Run a script of the compiled package; what it prints, line by line as it comes, and how it ends. */
export function script(directory: string, text: string, environment: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const wanted: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    printed += piece;
    for (const { pattern, resolve } of wanted) {
      const match = pattern.exec(printed);
      if (match) resolve(match);
    }
  });
  return {
    child,
    /** Resolves when it has printed this. */
    printed: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve) => {
        const match = pattern.exec(printed);
        if (match) resolve(match);
        else wanted.push({ pattern, resolve });
      }),
    ended: new Promise<{ code: number | null; signal: string | null; printed: string }>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal, printed })),
    ),
  };
}
