import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './make-folder.js';
import { UserError } from './user-error.js';

let written = 0;

/**
 * Write a file so that whoever reads it, at whatever moment, sees either the old text or the whole new one. Folders that
 * are missing are made. @throws UserError where it cannot be written.
 */
export function writeFileWhole(path: string, text: string): void {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${written++}`);
  try {
    makeFolder(folder);
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UserError(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
