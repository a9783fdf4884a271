import { expect, test } from 'vitest';
import { backendsSchema, clausesSchema, faultsSchema } from '../../report/json.js';
import { cli } from './support.js';

test('clauses are listed with what is tested of them; what nothing judges is marked', async () => {
  const { stdout, status, calls } = await cli(['clauses']);
  const lines = stdout.split('\n');
  expect(lines.slice(0, 4).map((line) => line.split(/ {2,}/))).toEqual([
    ['CLAUSE', 'LEVEL', 'SIDE', 'TESTED', 'SECTION', 'TEXT'],
    [
      'set.no-error-with-fd',
      'must',
      'back-end',
      'x j',
      'Section of set.no-error-with-fd',
      'Text of set.no-error-with-fd.',
    ],
    ['check.value', 'must', 'back-end', '- j', 'Section of check.value', 'Text of check.value.'],
    ['channel.any-kind', 'must', 'back-end', 'x UNJUDGED', 'Section of channel.any-kind', 'Text of channel.any-kind.'],
  ]);
  expect(stdout).toContain('open.refusal  Error or close?\n   error  an error\n   close  closed\n');
  expect(stdout).toMatch(/\n3 clauses: 2 judged, 2 exercised, 1 both, 1 that nothing judges\n1 open question\n$/);
  expect(status).toBe(0);
  // Neither the harness nor a back-end is needed for this.
  expect(calls.loaded.sort()).toEqual(['coverage', 'registry']);
});

test('clauses --json', async () => {
  const document = clausesSchema.parse(JSON.parse((await cli(['clauses', '--json'])).stdout));
  expect(document.counts).toEqual({ clauses: 3, exercised: 2, judged: 2, both: 1, unjudged: 1 });
  expect(document.clauses[1]).toMatchObject({ id: 'check.value', exercised: false, judged: true });
  expect(document.questions[0]?.answers.map((answer) => answer.name)).toEqual(['error', 'close']);
});

test.each([[['backends']], [['backends', 'list']]])('%j lists what is here and how to have the rest', async (args) => {
  const { stdout, status } = await cli(args);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['NAME', 'VERSION', 'ORIGIN', 'COMMAND'],
    ['reference', '0.1.0', 'built in', 'node ref'],
    ['passt', '-', 'nowhere', 'not here: install it'],
    [''],
  ]);
  expect(status).toBe(0);
});

test('backends --json', async () => {
  const { stdout } = await cli(['backends', '--json']);
  expect(backendsSchema.parse(JSON.parse(stdout)).backends.map((backend) => backend.available)).toEqual([true, false]);
});

test('backends install hands over names and suite, and tells what came of it', async () => {
  const { stdout, stderr, status, calls } = await cli(['backends', 'install', 'virtiofsd', 'passt', '--suite', 'sid']);
  expect(calls.installs[0]?.slice(0, 2)).toEqual([['virtiofsd', 'passt'], 'sid']);
  expect(stderr).toBe('fetching\n');
  expect(stdout).toBe('passt@sid 1 installed: /cache/passt\n');
  expect(status).toBe(0);
  expect((await cli(['backends', 'install', 'passt@sid'])).calls.installs[0]?.slice(0, 2)).toEqual([
    ['passt@sid'],
    undefined,
  ]);
});

test('the faults of the reference are listed', async () => {
  const { stdout, status } = await cli(['backends', 'faults']);
  expect(stdout).toMatch(/^FAULT .*\nsave-no-eof +channel\.save-eof +no end \(on any save\)\n\n1 fault\n$/);
  expect(status).toBe(0);
  const json = await cli(['backends', 'faults', '--json']);
  expect(faultsSchema.parse(JSON.parse(json.stdout)).faults).toHaveLength(1);
});
