/** Programs on this machine: whether they are there, and what they say of themselves. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { HELP_LIMIT_MS, TOOL_OUTPUT_BYTES } from './limits.js';

/** Where a program is: itself when it has a slash, else the first on PATH. Undefined when it is not there or not executable. */
export async function findProgram(program: string): Promise<string | undefined> {
  const places = program.includes('/')
    ? [program]
    : (process.env.PATH ?? '')
        .split(delimiter)
        // An empty or relative entry means the current directory: a program found there was hardly meant.
        .filter(isAbsolute)
        .map((directory) => join(directory, program));
  for (const place of places) if (await isProgram(place)) return place;
  return undefined;
}

/** Whether there is a file that can be executed. */
export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Whether there is a file that we can read. */
export async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a run of a program brought. */
export interface Ran {
  /** Null when it was ended by a signal, or could not be started. */
  readonly status: number | null;
  /** Standard output and standard error, one after the other. */
  readonly text: string;
}

/** Run a program to its end and take what it prints. It is ended when it takes longer than `limitMs`. Never throws. */
export function run(
  argv: readonly string[],
  { limitMs = HELP_LIMIT_MS, environment = process.env }: { limitMs?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    execFile(
      program,
      rest,
      { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: TOOL_OUTPUT_BYTES, env: environment },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ status, text: stdout + stderr });
      },
    );
  });
}
