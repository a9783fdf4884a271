import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../harness/limits.js';
import type { TraceFile } from '../harness/trace/file.js';
import { UserError } from '../harness/user-error.js';
import type { TraceFiles } from './parts.js';

/** A trace file that was read, with the path that the user knows it by. */
export interface StoredTrace extends TraceFile {
  readonly file: string;
}

/** Read trace files; a directory stands for all `.yaml` files in it and below, by name.
 * @throws UserError for what cannot be read, is no trace file, or for a directory without any */
export async function readTraces(paths: readonly string[], files: TraceFiles): Promise<StoredTrace[]> {
  const traces: StoredTrace[] = [];
  for (const path of (await Promise.all(paths.map(filesOf))).flat()) traces.push(await readTrace(path, files));
  return traces;
}

/** Read one trace file. @throws UserError for what cannot be read or is no trace file */
export async function readTrace(path: string, files: TraceFiles): Promise<StoredTrace> {
  return { ...files.parseTraceFile(await contents(path), path), file: path };
}

async function filesOf(path: string): Promise<string[]> {
  const facts = await reading(path, () => stat(path));
  if (!facts.isDirectory()) return [path];
  const names = (await reading(path, () => readdir(path, { recursive: true }))).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) throw new UserError(`${path} holds no trace files (*.yaml)`);
  return names.sort().map((name) => join(path, name));
}

async function contents(path: string): Promise<string> {
  const facts = await reading(path, () => stat(path));
  if (!facts.isFile()) throw new UserError(`cannot read ${path}: it is not a file`);
  if (facts.size > limits.file.bytes)
    throw new UserError(`cannot read ${path}: it is larger than ${limits.file.bytes} bytes`);
  return reading(path, () => readFile(path, 'utf8'));
}

async function reading<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new UserError(`cannot read ${path}: ${reason}`);
  }
}
