import { expect, test } from 'vitest';
import { style, wantsColour } from '../../report/style.js';
import { findingText } from '../../report/terminal/finding.js';
import { ProgressLine, progressText } from '../../report/terminal/progress.js';
import { summaryText } from '../../report/terminal/summary.js';
import { finding, result, wording } from './samples.js';

const plain = style(false);
const CONTROL = /[^\P{Cc}\t\n]/u;

test('a finding says what is broken, what was seen, where, and how to see it again', () => {
  const text = findingText(1, finding, { style: plain, wording, replay: 'npx vhost-check replay x.yaml' });
  expect(text).toBe(
    [
      '1. set.no-error-with-fd  must  shows in 9 of 10 runs',
      '   An error never comes with a descriptor.',
      '',
      '   section   Front-end message types, SET_DEVICE_STATE_FD',
      '   when      SET_DEVICE_STATE_FD | again',
      '   expected  an error without a descriptor',
      '             success',
      '   seen      error 1 together with a descriptor',
      '',
      '     1  {open: pipe1, kind: pipe}',
      '   → 2  {call: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [pipe1.w], channel: pipe1.r}',
      '     3  {close: pipe1.w}',
      '',
      '   stderr    panicked',
      '             \\x1b[31mred\\x1b[0m',
      '   origin    12 traces showed it; shortened from 34 steps to 3 in 120 runs',
      '   replay    npx vhost-check replay x.yaml',
    ].join('\n'),
  );
});

test('what shows after the last step is marked behind it', () => {
  const text = findingText(1, { ...finding, step: 3 }, { style: plain, wording });
  expect(text).toContain('     3  {close: pipe1.w}\n   →    after the last step');
  expect(text).not.toContain('→ 2');
});

test('a finding on a clause that the registry does not know is shown all the same', () => {
  const text = findingText(2, { ...finding, clause: 'x.unknown' }, { style: plain, wording });
  expect(text).toContain('2. x.unknown');
  expect(text).not.toContain('section');
});

test('nothing that a back-end says reaches the terminal as a command', () => {
  const hostile = { ...finding, observed: '\x1b]0;title\x07', expected: ['\x9b2J'], stderr: '\r\x1b[2Jgone' };
  const text = findingText(1, hostile, { style: plain, wording });
  expect(text).not.toMatch(CONTROL);
  expect(text).toContain('\\x1b]0;title\\x07');
});

test('the summary of a campaign with findings', () => {
  const text = summaryText(result, { style: plain, wording, replay: () => undefined });
  expect(text).toContain('open.refusal  error  15 traces  with an error reply\n');
  expect(text).toMatch(/^ +close +2 traces +by closing the connection$/m);
  expect(text).not.toContain('open.check-twice');
  expect(text).toContain('2 of 3 judged clauses reached, 321 model transitions taken');
  expect(text).toContain('not reached: channel.save-eof');
  expect(text).toContain('reference 0.1.0: 1,234 traces, 20,000 steps in 10.0 s (2,000 a second), seed 7');
  expect(text.endsWith('\n1 finding\n')).toBe(true);
  expect(text).not.toContain('interrupted');
});

test('with several findings there is an overview; what did not show again is told', () => {
  const other = { ...finding, clause: 'check.value', signature: 'check.value' };
  const many = { ...result, findings: [finding, other], stats: { ...result.stats, unconfirmed: 2 } };
  const text = summaryText(many, { style: plain, wording, replay: () => undefined });
  expect(text).toContain(
    [
      'Findings',
      '   1.  must  set.no-error-with-fd  9/10  SET_DEVICE_STATE_FD | again',
      '   2.  must  check.value           9/10',
    ].join('\n'),
  );
  expect(text).toMatch(/\n2 violations showed once and not again: no findings\n2 findings\n$/);
});

test('of a talkative back-end the last words are shown', () => {
  const stderr = `${'x'.repeat(200)}\n1\n2\n${'y'.repeat(200)}\n3\n`;
  const text = findingText(1, { ...finding, stderr, executions: 0 }, { style: plain, wording });
  expect(text).toContain(`   stderr    1\n             2\n             ${'y'.repeat(160)}…\n             3\n   origin`);
  expect(text).toContain('cut from 34 steps to 3, no time was left to shrink it');
});

test('the summary of a campaign without findings, interrupted', () => {
  const clean = { ...result, findings: [], stats: { ...result.stats, interrupted: true } };
  expect(summaryText(clean, { style: plain, wording, replay: () => undefined })).toMatch(
    /\ninterrupted\nnothing found\n$/,
  );
});

test('colours go to terminals only, and not where NO_COLOR is set', () => {
  expect(style(true).bad('x')).toBe('\x1b[31mx\x1b[39m');
  expect(style(false).bad('x')).toBe('x');
  expect(wantsColour({ isTTY: true }, {})).toBe(true);
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(wantsColour({ isTTY: false }, {})).toBe(false);
  expect(wantsColour({}, {})).toBe(false);
});

const moment = { traces: 1500, steps: 3000, seconds: 2, transitions: 40, findings: 0 };

test('progress in numbers', () => {
  expect(progressText(moment)).toBe('2 s · 1,500 traces · 1,500 steps a second · 40 transitions · 0 findings');
  expect(progressText({ ...moment, seconds: 0, traces: 1, shrinking: 'a\x1bb' })).toBe(
    '0 s · 1 trace · 0 steps a second · 40 transitions · 0 findings · shrinking a\\x1bb',
  );
});

test('on a terminal one line is rewritten, no wider than the terminal, and taken away', () => {
  let written = '';
  const line = new ProgressLine({ isTTY: true, columns: 40, write: (text) => (written += text) });
  line.update(moment);
  line.update({ ...moment, seconds: 2.05 }); // too soon
  line.update({ ...moment, seconds: 3 });
  line.clear();
  line.clear();
  const parts = written.split('\r\x1b[2K');
  expect(parts).toHaveLength(4);
  expect(parts[1]).toBe('2 s · 1,500 traces · 1,500 steps a seco');
  expect(parts[1]).toHaveLength(39);
  expect(parts[3]).toBe('');
  expect(written).not.toContain('\n');
});

test('elsewhere a line comes seldom, and with every finding', () => {
  const lines: string[] = [];
  const line = new ProgressLine({ write: (text) => lines.push(text) });
  line.update({ ...moment, seconds: 0, traces: 0 });
  for (const seconds of [0, 1, 2, 3, 11, 12]) line.update({ ...moment, seconds });
  line.update({ ...moment, seconds: 13, findings: 1 });
  line.clear();
  expect(lines.map((text) => text.split(' s ')[0])).toEqual(['0', '11', '13']);
  expect(lines.every((text) => text.endsWith('\n') && !text.includes('\x1b'))).toBe(true);
});
