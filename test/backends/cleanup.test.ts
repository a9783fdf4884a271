import { existsSync } from 'node:fs';
import { beforeAll, expect, test, vi } from 'vitest';
import { compiled, fake, runs, script, temporaryDirectory } from './support.js';

let directory: string;
const workDir = temporaryDirectory();
beforeAll(() => {
  directory = compiled();
});

/** Opens a target with a deaf back-end and a spare, prints their numbers and directories, and goes on with `then`. */
const start = (then: string) => `
  import { readFileSync } from 'node:fs';
  import { dirname } from 'node:path';
  import { openTarget } from './dist/backends/index.js';
  const target = await openTarget(
    { kind: 'command', argv: ${JSON.stringify(fake('--deaf', '--touch={directory}'))} },
    { reuse: false, spares: 1, workDir: ${JSON.stringify(workDir)} });
  const [a, b] = [await target.take(), await target.take()];
  const places = [];
  for (const one of [a, b]) {
    (await one.connect(10000)).close();
    const words = readFileSync('/proc/' + one.pid + '/cmdline', 'utf8').split('\\0');
    places.push(dirname(words.find((word) => word.startsWith('--socket-path=')).slice(14)), words.find((word) => word.startsWith('--touch=')).slice(8));
  }
  console.log('started ' + JSON.stringify({ pids: [a.pid, b.pid], places }) + ' .');
  ${then}
`;

async function startedBy(running: ReturnType<typeof script>): Promise<{ pids: number[]; places: string[] }> {
  const match = await running.printed(/started (.*) \./);
  return JSON.parse(match[1]!);
}

/** A signal that was sent takes a moment to end a process that is not ours to wait for. */
async function expectGone({ pids, places }: { pids: number[]; places: string[] }): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(runs)).toEqual([]), { timeout: 5_000, interval: 5 });
  expect(places.filter(existsSync)).toEqual([]);
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('nothing is left when %s ends us', async (signal) => {
  const running = script(directory, start('setInterval(() => {}, 1000);'));
  const started = await startedBy(running);
  expect(started.pids.every(runs)).toBe(true);
  running.child.kill(signal);
  expect(await running.ended).toMatchObject({ code: null, signal });
  await expectGone(started);
});

test('nothing is left when the process exits, or throws', async () => {
  const exiting = script(directory, start('process.exit(5);'));
  const started = await startedBy(exiting);
  expect(await exiting.ended).toMatchObject({ code: 5 });
  await expectGone(started);
  const forgetful = script(directory, start('process.exitCode = 6;'));
  const alsoStarted = await startedBy(forgetful);
  expect(await forgetful.ended).toMatchObject({ code: 6 });
  await expectGone(alsoStarted);
});

test('a signal that somebody else listens to is theirs', async () => {
  const running = script(
    directory,
    start(`
      process.on('SIGINT', async () => { console.log('interrupted'); await target.dispose(); console.log('disposed'); process.exit(7); });
      setInterval(() => {}, 1000);
    `),
  );
  const started = await startedBy(running);
  running.child.kill('SIGINT');
  const { code, printed } = await running.ended;
  expect({ code, printed }).toEqual({ code: 7, printed: expect.stringMatching(/interrupted\ndisposed\n$/) });
  await expectGone(started);
});

test('after dispose no listener of ours is left', async () => {
  const running = script(
    directory,
    start(`
      const listeners = () => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
      const before = listeners();
      await target.dispose();
      console.log(listeners().map((n, i) => n - before[i]).join());
    `),
  );
  const started = await startedBy(running);
  expect((await running.ended).printed).toMatch(/\n-1,-1,-1,-1\n$/);
  await expectGone(started);
});
