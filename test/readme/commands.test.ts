import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTraceFile } from '../../harness/trace/file.js';
import { cli, scratch } from '../cli/support.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** Lines of the indented blocks. */
const examples = readme.split('\n').flatMap((line) => (line.startsWith('    ') ? [line.slice(4)] : []));

/** Command lines of ours in them, without what a shell puts before and behind. */
const commands = examples.flatMap((line) =>
  line.split(' && ').flatMap((part) => (part.startsWith('npx vhost-check ') ? [part.slice(16).trim()] : [])),
);

test('the document has examples', () => {
  expect(commands.length).toBeGreaterThan(10);
});

test.each(commands)('vhost-check %s is understood', async (command) => {
  const args = command.split(' ');
  const place = ['run', 'shrink'].includes(args[0] ?? '') ? ['--out', join(scratch(), 'out')] : [];
  const { status, stderr } = await cli([args[0] ?? '', ...place, ...args.slice(1)]);
  // Files that the reader will have and this test has not.
  if (/^vhost-check: cannot read (vhost-check-out|long\.yaml|corpus)/.test(stderr)) return;
  expect(stderr.replace(/^fetching\n/, '')).toBe('');
  // Nothing is run here, so that no stored finding shows again.
  expect(status).toBe(command === 'replay --expect corpus' ? 1 : 0);
});

test('the example of a trace file is one', () => {
  const start = examples.indexOf('format: vhost-check/trace@1');
  const end = examples.findIndex((line, i) => i > start && !/^( |[a-z]+:)/.test(line));
  const file = parseTraceFile(examples.slice(start, end < 0 ? undefined : end).join('\n'), 'README.md');
  expect(file.steps.length).toBeGreaterThan(10);
});
