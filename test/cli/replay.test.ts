import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Properties } from '../../cli/parts.js';
import { printTraceFile, type TraceFile } from '../../harness/trace/file.js';
import type { Violation } from '../../properties/finding.js';
import { replaySchema } from '../../report/json.js';
import { cli, judgement, scratch, violation } from './support.js';

const steps = [{ do: 'call', message: 'GET_FEATURES' }] as const;
const good: TraceFile = { title: 'Good', verdict: 'pass', backend: { name: 'reference' }, steps };
const bad: TraceFile = {
  title: 'Bad',
  verdict: 'fail',
  clause: violation.clause,
  signature: violation.signature,
  reproduces: { k: 4, n: 4 },
  deadlineMs: 77,
  variants: { 'open.refusal': 'close' },
  backend: { name: 'reference', args: ['--fault', 'x'] },
  steps,
};
const other: Violation = { ...violation, clause: 'check.value', signature: 'check.value|call', step: 2 };

/** Write trace files. @returns their paths */
function stored(...files: TraceFile[]): string[] {
  const directory = scratch();
  return files.map((file, i) => {
    const path = join(directory, `${i}.yaml`);
    writeFileSync(path, printTraceFile(file));
    return path;
  });
}

/** A replay whose runs show these violations, one list a run, again from the start for every call. */
const shows =
  (...runs: Violation[][]): NonNullable<Properties['replayTrace']> =>
  async (_, options) => ({
    runs: options.runs,
    judgements: Array.from({ length: options.runs }, (_unused, i) => judgement(...(runs[i % runs.length] ?? []))),
  });

test('each trace runs on the back-end that its header names, as often as the header says', async () => {
  const { calls, stdout, status } = await cli(['replay', ...stored(good, bad)]);
  expect(calls.replays).toMatchObject([
    [steps, { spec: { kind: 'builtin', name: 'reference', args: [] }, runs: 1, variants: {} }],
    [
      steps,
      {
        spec: { kind: 'builtin', name: 'reference', args: ['--fault', 'x'] },
        runs: 4,
        deadlineMs: 77,
        variants: { 'open.refusal': 'close' },
      },
    ],
  ]);
  expect(calls.replays[0]?.[1].deadlineMs).toBeUndefined();
  expect(stdout).toMatch(
    /0\.yaml: passes \(1 run\)\n.*1\.yaml: no longer shows \(4 runs\)\n2 files: 1 pass, 1 no longer show\n$/,
  );
  expect(status).toBe(0);
});

test('options come before what the header says', async () => {
  const file = stored(bad);
  const run = async (...args: string[]) => (await cli(['replay', ...file, ...args])).calls.replays[0]?.[1];
  expect(await run('--backend', 'passt', '--runs', '2')).toMatchObject({ spec: { name: 'passt', args: [] }, runs: 2 });
  expect(await run('--connect', '/x')).toMatchObject({ spec: { kind: 'connect', path: '/x' } });
  expect(await run('--', 'be', '{socket}')).toMatchObject({ spec: { kind: 'command', argv: ['be', '{socket}'] } });
  expect(await run('--fault', 'save-no-eof')).toMatchObject({
    spec: { name: 'reference', args: ['--fault', 'save-no-eof'] },
  });
  expect(await run('--variant', 'open.refusal=error')).toMatchObject({ variants: { 'open.refusal': 'error' } });
  expect([...((await run('--level', 'must'))?.levels ?? [])]).toEqual(['must']);
});

test('a stored violation that shows again is counted, and makes the status 1', async () => {
  const { stdout, status } = await cli(['replay', ...stored(bad)], {
    replayTrace: shows([violation], [], [violation], [violation]),
  });
  expect(stdout).toContain('0.yaml: shows again 3/4\n');
  expect(status).toBe(1);
});

test('a violation that the header does not name is a new one, counted once a run', async () => {
  const { stdout, status } = await cli(['replay', ...stored(good, bad)], { replayTrace: shows([other, other]) });
  expect(stdout).toContain('0.yaml: new violation (1 run)\n   check.value (must) at step 3, 1/1: error 1');
  expect(stdout).toContain('1.yaml: new violation (4 runs)\n   check.value (must) at step 3, 4/4: error 1');
  expect(status).toBe(1);
});

test('a new violation counts when it shows again, with more time for every answer', async () => {
  const runs: number[] = [];
  const once = (again: number): NonNullable<Properties['replayTrace']> => {
    let call = 0;
    return (trace, options) => {
      runs.push(options.deadlineMs ?? 0);
      return shows(call++ === 0 || call === again ? [other] : [])(trace, options);
    };
  };
  const [file = ''] = stored({ ...good, deadlineMs: 77 });
  const chance = await cli(['replay', file], { replayTrace: once(0) });
  expect(chance.stdout).toContain('0.yaml: passes (1 run)\n');
  expect(chance.status).toBe(0);
  expect(runs.splice(0)).toEqual([77, 2000, 2000, 2000, 2000, 2000]);
  const confirmed = await cli(['replay', file], { replayTrace: once(3) });
  expect(confirmed.stdout).toContain('0.yaml: new violation (1 run)\n   check.value');
  expect(confirmed.status).toBe(1);
  expect(runs).toEqual([77, 2000, 2000]);
});

test('other violations stand beside the stored one', async () => {
  const { stdout } = await cli(['replay', ...stored(bad)], { replayTrace: shows([violation, other], []) });
  expect(stdout).toContain('shows again 2/4\n   check.value (must) at step 3, 2/4');
});

test('a header without a signature names its violation by the clause', async () => {
  const { signature: _, ...rest } = bad;
  const { stdout } = await cli(['replay', ...stored(rest)], {
    replayTrace: shows([{ ...violation, signature: 'new' }]),
  });
  expect(stdout).toContain('shows again 4/4');
});

test.each([
  ['each file shows what its header says', [[violation]], [good, bad], [0, 1]],
  ['a trace that should pass does not', [[other]], [good], [1, 1]],
  ['a stored violation no longer shows', [[]], [bad], [1, 0]],
])('--expect: %s', async (_, runs, files, [expected, without]) => {
  const paths = stored(...files);
  const replayTrace: Properties['replayTrace'] = (trace, options) =>
    shows(...(options.runs === 1 && files.length > 1 ? [[]] : runs))(trace, options);
  expect((await cli(['replay', '--expect', ...paths], { replayTrace })).status).toBe(expected);
  expect((await cli(['replay', ...paths], { replayTrace })).status).toBe(without);
});

test('--expect gives an unreliable violation several times as many runs', async () => {
  let round = 0;
  const late: Properties['replayTrace'] = (trace, options) => shows(++round === 3 ? [violation] : [])(trace, options);
  const unreliable = { ...bad, reproduces: { k: 1, n: 4 } };
  const { stdout, status, calls } = await cli(['replay', '--expect', ...stored(unreliable)], { replayTrace: late });
  expect(calls.replays).toHaveLength(3);
  expect(stdout).toContain('shows again 4/12');
  expect(status).toBe(0);
  // But not for ever, and not without need.
  const never = await cli(['replay', '--expect', ...stored(unreliable)]);
  expect(never.calls.replays).toHaveLength(5);
  expect(never.status).toBe(1);
  expect((await cli(['replay', '--expect', ...stored(bad)])).calls.replays).toHaveLength(1);
});

test('a directory stands for the trace files in it and below, in the order of their names', async () => {
  const directory = scratch();
  mkdirSync(join(directory, 'sub'));
  for (const name of ['b.yaml', 'a.yml', 'sub/c.yaml']) writeFileSync(join(directory, name), printTraceFile(good));
  writeFileSync(join(directory, 'README.md'), 'no trace');
  const { stdout, status } = await cli(['replay', directory]);
  expect(stdout.split('\n').map((line) => line.replace(/: .*/, '').replace(`${directory}/`, ''))).toEqual([
    'a.yml',
    'b.yaml',
    'sub/c.yaml',
    '3 files',
    '',
  ]);
  expect(status).toBe(0);
  const empty = await cli(['replay', scratch()]);
  expect(empty.stderr).toMatch(/holds no trace files/);
  expect(empty.status).toBe(2);
});

test('all files are read before the first one runs', async () => {
  const [path = ''] = stored(good);
  const broken = join(scratch(), 'broken.yaml');
  writeFileSync(broken, 'format: vhost-check/trace@1\ntitle: x\nverdict: maybe\nsteps: []\n');
  const { stderr, status, calls } = await cli(['replay', path, broken]);
  expect(stderr).toMatch(/^vhost-check: .*broken\.yaml:3: [^\n]+\n$/);
  expect(status).toBe(2);
  expect(calls.replays).toEqual([]);
});

test('a file that names no back-end needs one', async () => {
  const { backend: _, ...nowhere } = good;
  const file = stored(nowhere);
  const { stderr, status } = await cli(['replay', ...file]);
  expect(stderr).toMatch(/choose one with --backend/);
  expect(status).toBe(2);
  expect((await cli(['replay', ...file, '--backend', 'reference'])).status).toBe(0);
});

test('an interrupt ends it behind the file that runs, and the rest is not taken for good', async () => {
  let stop = () => {};
  const { stdout, stderr, status, calls } = await cli(
    ['replay', ...stored(good, good, good)],
    {
      replayTrace: async (trace, options) => {
        stop();
        return shows([])(trace, options);
      },
    },
    {
      interrupt: (given) => {
        stop = given;
      },
    },
  );
  expect(calls.replays).toHaveLength(1);
  expect(stdout).toContain('1 file: 1 pass');
  expect(stderr).toBe('vhost-check: interrupted after 1 of 3 files\n');
  expect(status).toBe(2);
});

test('--json prints one document', async () => {
  const { stdout, status } = await cli(['replay', '--json', ...stored(good, bad)], {
    replayTrace: async (trace, options) => shows(options.runs === 1 ? [] : [violation, other])(trace, options),
  });
  const document = replaySchema.parse(JSON.parse(stdout));
  expect(document.files).toMatchObject([
    { verdict: 'pass', outcome: 'passes', runs: 1, shown: 0, others: [], asExpected: true, backend: 'reference' },
    {
      verdict: 'fail',
      outcome: 'shows-again',
      runs: 4,
      shown: 4,
      others: [{ signature: other.signature, runs: 4 }],
      asExpected: true,
    },
  ]);
  expect(status).toBe(1);
});
