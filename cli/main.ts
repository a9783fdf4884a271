#!/usr/bin/env node
import { onInterrupt } from './interrupt.js';
import { invoke } from './invoke.js';
import { parts } from './parts.js';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await invoke(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  parts,
  onInterrupt,
});
