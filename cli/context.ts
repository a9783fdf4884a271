import type { CommandContext } from '@stricli/core';
import { UserError } from '../harness/user-error.js';
import type { Parts } from './parts.js';

/** A stream that a command writes to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What every command has at hand. Tests hand in streams, parts and a source of interrupts of their own. */
export interface Context extends CommandContext {
  readonly process: {
    readonly stdout: OutputStream;
    readonly stderr: OutputStream;
    readonly env: Readonly<Record<string, string | undefined>>;
    exitCode?: number | string | null;
  };
  /** What stands behind `--`: the command of a back-end. Undefined where there is no `--`. */
  readonly command: readonly string[] | undefined;
  readonly parts: Parts;
  /** Call `stop` on the first interrupt of the user's; a second one ends the process at once. Returns how to undo it. */
  onInterrupt(stop: () => void): () => void;
}

/** Exit statuses. */
export const Status = {
  /** Nothing found; every trace passes. */
  clean: 0,
  /** Findings; a stored violation shows again, or a new one. */
  found: 1,
  /** A mistake of the user's or of the environment. */
  error: 2,
} as const;

/** For commands that start no back-end. @throws UserError when there is a command behind `--` all the same */
export function withoutCommand(context: Context): void {
  if (context.command !== undefined)
    throw new UserError('this command starts no back-end: leave out what is behind --');
}
