import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openFile, readyNow, Socket, waitFor } from '../native/index.js';

/** A message as long as one of the protocol with a u64. */
const MESSAGE = new Uint8Array(20);
/** One measurement of the C client. */
const LIMIT_MS = 120_000;
/** As long as the harness blocks its thread for an answer. */
const SPIN_US = 200;

/**
 * Round trips a second with one descriptor each against the echo program, everything on one processor.
 * @param programs paths of the compiled `echo` and `client`
 */
export async function roundTrips(
  programs: { readonly echo: string; readonly client: string },
  directory: string,
  processor: number,
  count: number,
): Promise<{ readonly ours: number; readonly bare: number }> {
  const path = join(directory, 'echo.socket');
  const echo = spawn(programs.echo, [path, String(processor)], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ended = once(echo, 'exit').then(() => {
      throw new Error('the echo program ended');
    });
    ended.catch(() => {});
    await Promise.race([once(echo.stdout, 'data'), ended]);
    // Taken in turns, so that a disturbance of the machine hits both.
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < 5; round++) {
      bare.push(bareRate(programs.client, path, processor, count));
      ours.push(await ourRate(path, count));
    }
    return { ours: Math.max(...ours), bare: Math.max(...bare) };
  } finally {
    echo.kill();
  }
}

function bareRate(client: string, path: string, processor: number, count: number): number {
  const { stdout, stderr, status } = spawnSync(client, [path, String(processor), String(count)], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`the C client failed: ${stderr}`);
  return Number(stdout);
}

async function ourRate(path: string, count: number): Promise<number> {
  const socket = Socket.connect(path, 'echo');
  const descriptor = openFile('/dev/null', 'null', 'r');
  try {
    const descriptors = [descriptor];
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      socket.send(MESSAGE, descriptors);
      for (let have = 0; have < MESSAGE.length; ) {
        if (!readyNow(socket, 'readable', SPIN_US)) await waitFor(socket, 'readable', 10_000);
        const received = socket.receive(4096);
        if (received?.end) throw new Error('the echo program closed the connection');
        have += received?.bytes.length ?? 0;
      }
    }
    return (count * 1000) / (performance.now() - start);
  } finally {
    socket.close();
    descriptor.close();
  }
}
