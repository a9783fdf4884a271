import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BackendListing, openTarget } from '../backends/index.js';
import { calibrate, type History, runTrace, type Target, type Trace } from '../harness/index.js';
import { encodeMessage, HEADER_SIZE, messages } from '../model/wire/index.js';
import { startOn } from '../native/index.js';

/** One measurement of the C loop, which waits for each end without a limit of its own. */
const LIMIT_MS = 120_000;

/** A save as a front-end does it that has nothing running: ten messages. */
export const save: Trace = [
  { do: 'call', message: 'GET_FEATURES' },
  { do: 'call', message: 'GET_PROTOCOL_FEATURES' },
  { do: 'send', message: 'SET_PROTOCOL_FEATURES', with: { value: 'offered' } },
  { do: 'call', message: 'GET_QUEUE_NUM' },
  { do: 'call', message: 'GET_MAX_MEM_SLOTS' },
  { do: 'send', message: 'SET_OWNER' },
  { do: 'call', message: 'GET_FEATURES' },
  { do: 'send', message: 'SET_FEATURES', with: { value: 'offered' } },
  { do: 'open', name: 'pipe1', kind: 'pipe' },
  {
    do: 'call',
    message: 'SET_DEVICE_STATE_FD',
    with: { direction: 0, phase: 0 },
    fds: ['pipe1.w'],
    channel: 'pipe1.r',
  },
  { do: 'close', name: 'pipe1.w' },
  { do: 'read', name: 'pipe1.r' },
  { do: 'call', message: 'CHECK_DEVICE_STATE' },
];

/** Traces a second, a back-end process for each. */
interface Rates {
  /** The harness, it and all back-ends on one processor. */
  readonly ours: number;
  /** The same where the next back-ends start on the other processors meanwhile, as with fewer workers than processors. */
  readonly ahead: number;
  /** The C loop that does the same and nothing more, one after the other on one processor, which suits it best. */
  readonly bare: number;
}

/** @param backend as `backends list` shows it
 * @param program path of the compiled `migration`
 * @param processor where it all runs
 * @param processors where back-ends may start */
export async function migrations(
  backend: BackendListing,
  program: string,
  directory: string,
  processor: number,
  processors: readonly number[],
  count: number,
): Promise<Rates> {
  const target = await openTarget(
    { kind: 'builtin', name: backend.name, args: [] },
    { reuse: false, spares: 2, workDir: directory },
  );
  try {
    const options = { deadlineMs: await calibrate(target), workDir: directory };
    const script = join(directory, 'script');
    writeFileSync(script, scriptOf(await runTrace(save, target, options)));
    const bare: number[] = [];
    const ours: number[] = [];
    const ahead: number[] = [];
    // Taken in turns, so that a disturbance of the machine hits both.
    for (let round = 0; round < 3; round++) {
      bare.push(bareRate(program, script, processor, count, commandOf(backend, directory)));
      ours.push(await ourRate(target, options, count));
      startOn(processors);
      ahead.push(await ourRate(target, options, count));
      startOn([]);
    }
    return { ours: Math.max(...ours), ahead: Math.max(...ahead), bare: Math.max(...bare) };
  } finally {
    startOn([]);
    await target.dispose();
  }
}

async function ourRate(target: Target, options: Parameters<typeof runTrace>[2], count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) expectGood(await runTrace(save, target, options));
  return (count * 1000) / (performance.now() - start);
}

function bareRate(program: string, script: string, processor: number, count: number, command: string[]): number {
  const { stdout, stderr, status } = spawnSync(program, [script, String(processor), String(count), ...command], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`the C loop failed: ${stderr}`);
  return Number(stdout);
}

/** The back-end's command line with the inherited listening socket in place of a path. */
function commandOf(backend: BackendListing, directory: string): string[] {
  return backend.command.map((argument) =>
    argument.replace('--socket-path={socket}', '--fd=3').replace('{directory}', directory),
  );
}

/** A rate counts only where the traces did what they should. @throws where the save brought no state or no good end */
export function expectGood(history: History): void {
  const read = history.events.find((event) => event.type === 'read');
  const check = history.events.findLast((event) => event.type === 'message' && event.step === save.length - 1);
  const good = check?.type === 'message' && check.payload.every((byte) => byte === 0);
  if (read?.type !== 'read' || read.outcome !== 'eof' || read.bytes === 0 || !good) {
    throw new Error(`the save failed: ${JSON.stringify(history.events.map((event) => event.type))}`);
  }
}

/** The messages of a run of `save` as the C loop reads them. */
function scriptOf(history: History): string {
  expectGood(history);
  const lines: string[] = [];
  let offered = 0n;
  for (const [index, step] of save.entries()) {
    if (step.do !== 'call' && step.do !== 'send') continue;
    const name = step.message as keyof typeof messages;
    const replies = history.events.filter((event) => event.type === 'message' && event.step === index);
    const [reply] = replies;
    const fields = Object.entries(step.with ?? {}).map(([key, value]) => [key, value === 'offered' ? offered : value]);
    const bytes = encodeMessage({ request: messages[name].number, fields: Object.fromEntries(fields) });
    const length = reply?.type === 'message' ? HEADER_SIZE + reply.payload.length : 0;
    lines.push(`${Buffer.from(bytes).toString('hex')} ${length} ${step.channel === undefined ? '-' : 'save'}`);
    if (reply?.type === 'message' && name.startsWith('GET_') && name.endsWith('FEATURES')) {
      offered = new DataView(reply.payload.buffer, reply.payload.byteOffset).getBigUint64(0, true);
    }
  }
  return `${lines.join('\n')}\n`;
}
