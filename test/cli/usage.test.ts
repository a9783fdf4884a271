import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, scratch } from './support.js';

/** Command lines that are wrong, and what must be said of them. */
const mistakes: readonly (readonly [args: string, says: string])[] = [
  ['frobnicate', 'there is no command frobnicate'],
  ['rnu', 'did you mean'],
  ['run --frob', 'there is no option --frob'],
  ['run -z', 'there is no option -z'],
  ['run --seeed 4', 'did you mean --seed'],
  ['run --runs', '--runs needs a value'],
  ['run --runs --seed 4', '--runs needs a value'],
  ['run --runs 0', '--runs: expected a whole number from 1'],
  ['run --runs 1.5', '--runs: expected a whole number'],
  ['run --runs ten', 'not "ten"'],
  ['run --runs 5 --runs 6', '--runs can be given only once'],
  ['run --time 0', '--time: expected a time above 0'],
  ['run --time 5d', 'not "5d"'],
  ['run --time=-3s', 'not "-3s"'],
  ['run --seed -1', '--seed: expected a whole number'],
  ['run --seed 4294967296', '--seed: expected a whole number from 0 to 2147483647'],
  ['run --jobs 0', '--jobs: expected a whole number from 1'],
  ['run --level may', '--level: expected must, should, robust, not "may"'],
  ['run --mood sad', '--mood: expected lawful, open, hostile, not "sad"'],
  ['run --clause check.vaule', 'there is no clause check.vaule (did you mean check.value?)'],
  ['run --clause channel.any-kind', 'nothing judges clause channel.any-kind'],
  ['run --variant refusal', 'an open question and its answer'],
  ['run --variant open.refusl=error', 'there is no open question open.refusl (did you mean open.refusal?)'],
  ['run --variant open.refusal=maybe', 'open.refusal has no answer maybe: choose error, close'],
  ['run --variant open.refusal=error --variant open.refusal=close', 'open.refusal cannot be both error and close'],
  ['run --answer open.refusal=maybe', 'open.refusal has no answer maybe'],
  ['run --backend virtiofsd --connect /x', '--backend and --connect exclude each other'],
  ['run --backend virtiofsd -- be {socket}', '--backend and a command behind -- exclude each other'],
  ['run --', 'there is no command behind --'],
  ['run -- be --socket=x', 'needs {socket}'],
  ['run --backend virtiofsd --fault x', '--fault belongs to the reference back-end, not to virtiofsd'],
  ['run --fault save-no-eof2', 'the reference has no fault save-no-eof2 (did you mean save-no-eof?)'],
  ['run --backend virtiofsd --own-channel', '--own-channel belongs to the reference'],
  ['run --connect /x --state-size 5', '--state-size belongs to the reference'],
  ['run --answer open.refusal=error -- be {socket}', '--answer belongs to the reference'],
  ['run --state-size many', '--state-size: expected a number of bytes'],
  ['run --out /proc/nothing/here', 'cannot write to --out /proc/nothing/here: it cannot be made'],
  ['run --out /dev/null', 'cannot write to --out /dev/null: a file stands in the way'],
  ['run --out /dev/null/x', 'cannot write to --out /dev/null/x: a file stands in the way'],
  ['run extra', 'there is an argument too many: extra'],
  ['replay', 'FILE'],
  ['replay --backend reference', 'FILE'],
  ['replay /nowhere/x.yaml', 'cannot read /nowhere/x.yaml: there is no such file'],
  ['replay /dev/null', 'cannot read /dev/null: it is not a file'],
  ['replay package.json', 'package.json:'],
  ['shrink', 'FILE is missing'],
  ['shrink /nowhere/x.yaml', 'cannot read /nowhere/x.yaml: there is no such file'],
  ['shrink a b', 'there is an argument too many: b'],
  ['clauses extra', 'there is an argument too many: extra'],
  ['clauses -- be {socket}', 'starts no back-end'],
  ['backends frob', 'frob'],
  ['backends list -- x', 'starts no back-end'],
  ['backends install', 'NAME'],
  ['backends install passt --suite stable', '--suite: expected trixie, sid, not "stable"'],
];

test.each(mistakes)('%s: one clear line, status 2', async (args, says) => {
  const { status, stdout, stderr, calls } = await cli(args.split(' '));
  expect(stderr).toMatch(/^vhost-check: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect(stdout).toBe('');
  expect(status).toBe(2);
  expect([calls.campaigns, calls.replays, calls.shrinks, calls.installs].flat()).toEqual([]);
});

test('a mistake leaves no --out directory behind', async () => {
  const out = join(scratch(), 'a', 'b');
  expect((await cli(['run', '--out', out, '--clause', 'x'])).status).toBe(2);
  expect(existsSync(join(out, '..'))).toBe(false);
});

test.each([
  [],
  ['--help'],
  ['run', '--help'],
  ['replay', '--help'],
  ['shrink', '--help'],
  ['clauses', '--help'],
  ['backends', '--help'],
  ['backends', 'list', '--help'],
  ['backends', 'install', '--help'],
  ['backends', 'faults', '--help'],
])('%s %s %s explains itself with an example, and loads nothing', async (...args) => {
  const { status, stdout, stderr, calls } = await cli(args.filter((arg) => arg !== undefined));
  expect(stdout).toContain('USAGE');
  expect(stdout).toMatch(/Example:\n +vhost-check /);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(calls.loaded).toEqual([]);
});

test('--version', async () => {
  const { status, stdout } = await cli(['--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(status).toBe(0);
});

test('an error of ours is no finding, and is not hidden', async () => {
  const { status, stderr } = await cli(['run', '--out', scratch()], {
    runCampaign: () => Promise.reject(new TypeError('oops')),
  });
  expect(status).toBe(2);
  expect(stderr).toContain('internal error');
  expect(stderr).toContain('TypeError: oops');
});
