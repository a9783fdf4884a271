import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { replayCommand, shellQuote } from '../../report/command-line.js';

test('a shell reads every argument as it was', () => {
  const hard = [
    'plain',
    '--socket={socket}',
    "it's",
    'a b',
    '$HOME',
    '',
    '{a,b}',
    '{directory}/x',
    '`id`',
    '*',
    'x;y',
    '~',
  ];
  const shell = execFileSync('bash', ['-c', `printf '%s\\0' ${hard.map(shellQuote).join(' ')}`], { encoding: 'utf8' });
  expect(shell.split('\0').slice(0, -1)).toEqual(hard);
  expect(shellQuote('--socket={socket}')).toBe('--socket={socket}');
});

test('the command that replays a file names what its header cannot', () => {
  const file = 'out/found/x.yaml';
  expect(replayCommand(file, { kind: 'builtin', name: 'virtiofsd', args: [] })).toBe(`npx vhost-check replay ${file}`);
  expect(replayCommand(file, { kind: 'connect', path: '/tmp/a b' })).toBe(
    `npx vhost-check replay ${file} --connect '/tmp/a b'`,
  );
  expect(replayCommand(file, { kind: 'command', argv: ['./be', '--socket={socket}'] })).toBe(
    `npx vhost-check replay ${file} -- ./be --socket={socket}`,
  );
});
