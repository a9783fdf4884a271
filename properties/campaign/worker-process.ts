import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownDirectory } from '../../backends/cleanup.js';
import { endOrphans } from '../../backends/orphans.js';
import { makeDirectory } from '../../backends/process/place.js';
import { Tail } from '../../backends/process/tail.js';
import { UserError } from '../../harness/index.js';
import { campaignLimits as limits } from './limits.js';
import type { WorkerOptions } from './options.js';
import type { FromWorker, Hooks, ToWorker } from './reports.js';

/**
 * Run one worker in a process of its own until it is done.
 *
 * It leads a session of its own: the interrupt key of a terminal reaches us only, and we tell it. Should we end without
 * a word, it notices, ends its back-ends and itself. So nothing has to be done here about signals. Should it be killed, we end
 * its back-ends, and remove the folder in which it and they had theirs.
 * @param program the compiled worker
 * @param endGraceMs how long it may take to end when it is asked to
 * @returns also where it did not end in time after the signal: then it was killed, and what it reported stands
 * @throws UserError that was thrown there; Error where it crashed, with the end of its standard error
 */
export async function workerProcess(
  program: string,
  options: WorkerOptions,
  hooks: Hooks,
  endGraceMs: number = limits.endGraceMs,
): Promise<void> {
  const folder = makeDirectory(join(tmpdir(), 'vhw-'));
  const remove = ownDirectory(folder);
  const child = fork(program, [], {
    detached: true,
    env: { ...process.env, TMPDIR: folder },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stop = () => void end(child, endGraceMs);
  hooks.signal.addEventListener('abort', stop);
  try {
    await conversation(child, options, hooks, endGraceMs);
  } finally {
    hooks.signal.removeEventListener('abort', stop);
    if (child.exitCode !== 0) endOrphans(folder);
    remove();
  }
}

function conversation(child: ChildProcess, options: WorkerOptions, hooks: Hooks, endGraceMs: number): Promise<void> {
  const stderr = new Tail(limits.stderrBytes);
  child.stderr!.on('data', (piece: Buffer) => stderr.add(piece));
  let overdue: NodeJS.Timeout | undefined;
  if (options.seconds !== undefined) {
    const longest = options.seconds * 1_000 + limits.startMs + limits.shrinkGraceMs + endGraceMs;
    overdue = setTimeout(() => void end(child, endGraceMs), Math.min(longest, 2 ** 31 - 1));
  }
  return new Promise<void>((resolve, reject) => {
    let ended: Extract<FromWorker, { type: 'done' | 'failed' }> | undefined;
    child.on('message', async (message: FromWorker) => {
      switch (message.type) {
        case 'report':
          return hooks.tell(message.report);
        case 'claim':
          return send(child, {
            type: 'granted',
            signature: message.signature,
            granted: await hooks.claim(message.signature),
          });
        case 'release':
          return hooks.release(message.signature);
        default:
          ended = message;
      }
    });
    child.on('error', reject);
    // After `close` every message and all of its standard error are here.
    child.on('close', (code, signal) => {
      clearTimeout(overdue);
      if (ended?.type === 'failed') reject(failure(ended));
      else if (ended?.type === 'done' || hooks.signal.aborted) resolve();
      else
        reject(
          new Error(`a worker ended with ${signal ?? `status ${code}`}: ${stderr.text().trim() || 'it said nothing'}`),
        );
    });
    send(child, { type: 'start', options });
    if (hooks.signal.aborted) void end(child, endGraceMs);
  });
}

/** Ask it to end, and see to it. */
async function end(child: ChildProcess, graceMs: number): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve));
  send(child, { type: 'stop' });
  // SIGTERM has it end its back-ends.
  const impatient = setTimeout(() => child.kill('SIGTERM'), graceMs);
  const angry = setTimeout(() => child.kill('SIGKILL'), graceMs + limits.killGraceMs);
  await gone;
  clearTimeout(impatient);
  clearTimeout(angry);
}

function send(child: ChildProcess, message: ToWorker): void {
  // It may have ended: its end is told by other means.
  if (child.connected) child.send(message, () => {});
}

function failure({ user, message, stack }: Extract<FromWorker, { type: 'failed' }>): Error {
  if (user) return new UserError(message);
  const error = new Error(`a worker failed: ${message}`);
  error.stack = stack;
  return error;
}
