import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { limits } from '../../../harness/limits.js';
import { parseTraceFile, printTraceFile } from '../../../harness/trace/file.js';
import { UserError } from '../../../harness/user-error.js';

const HEADER = ['format: vhost-check/trace@1', 'title: t', 'verdict: pass'];

/** What is said of a file with these lines after a good header; steps begin at line 5. */
function said(steps: readonly string[], header: readonly string[] = HEADER): string {
  const list = steps.length === 0 ? ['steps: []'] : ['steps:', ...steps.map((step) => `  - ${step}`)];
  const text = [...header, ...list].join('\n');
  return saidOf(text);
}

function saidOf(text: string): string {
  try {
    parseTraceFile(text, 'x.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'nothing';
}

test.each([
  [['{call: GET_FEATURE}'], 'x.yaml:5: step 1: unknown message GET_FEATURE (did you mean GET_FEATURES?)'],
  [
    ['{call: VHOST_USER_SET_OWNER}'],
    'x.yaml:5: step 1: unknown message VHOST_USER_SET_OWNER (did you mean SET_OWNER?)',
  ],
  [['disconnect', '{cal: GET_FEATURES}'], 'x.yaml:6: step 2: unknown step cal (did you mean call?)'],
  [['{call: SET_OWNER, fd: [a]}'], 'x.yaml:5: step 1: unknown key fd (did you mean fds?)'],
  [['{call: SET_OWNER, fds: [p.r]}'], 'x.yaml:5: step 1: p was not opened before'],
  [['{open: pipe1, kind: pipe}', '{read: pipe1}'], 'x.yaml:6: step 2: expected pipe1.r or pipe1.w: pipe1 is a pipe'],
  [['{open: m, kind: memfd}', '{rewind: m.r}'], 'x.yaml:6: step 2: m is a memfd: it has no end r'],
  [['{open: m, kind: memfd}', '{open: m, kind: pipe}'], 'x.yaml:6: step 2: m was opened before'],
  [['{open: m, kind: fifo}'], /^x.yaml:5: step 1: kind: expected pipe, socketpair,/],
  [['{open: m, kind: pipe, nonblock: a}'], 'x.yaml:5: step 1: a pipe has no end a'],
  [['{open: m, kind: null, size: 3}'], 'x.yaml:5: step 1: a null has no size'],
  [['{call: SET_OWNER, on: b}'], 'x.yaml:5: step 1: session b was not started'],
  [['{disconnect: b}'], 'x.yaml:5: step 1: session b was not started'],
  [['{start: b}', '{start: b}'], 'x.yaml:6: step 2: session b is there already'],
  [['{call: SET_FEATURES, with: {valu: 1}}'], /^x.yaml:5: step 1: SET_FEATURES has no such fields as valu/],
  [['{call: SET_FEATURES, with: {value: "0xg"}}'], /^x.yaml:5: step 1: "0xg" is no 64-bit value/],
  [['{call: SET_VRING_NUM, with: {index: 0x100000000}}'], /^x.yaml:5: step 1: index: 4294967296 does not fit/],
  [['{call: 5000000000}'], 'x.yaml:5: step 1: call: expected a whole number from 0 to 4294967295'],
  [['{call: GET_FEATURES, raw: 0g}'], /^x.yaml:5: step 1: raw: expected bytes in hexadecimal/],
  [['{call: GET_FEATURES, cut: [3, 2]}'], 'x.yaml:5: step 1: expected offsets in ascending order'],
  [
    ['{open: p, kind: pipe}', '{write: p.w, hex: 00, pattern: 3}'],
    'x.yaml:6: step 2: expected exactly one of state, hex and pattern',
  ],
  [['{open: p, kind: pipe}', '{write: p.w, state: s}'], 'x.yaml:6: step 2: no read step before this one stored s'],
  [['{linger: 6000}', '{linger: 6000}'], 'x.yaml:6: step 2: expected at most 10000 ms of lingering in all'],
  [['{linger: 1.5}'], 'x.yaml:5: expected a whole number, not 1.5'],
  [['[1, 2]'], 'x.yaml:5: step 1: expected a step, such as {call: GET_FEATURES}'],
  [['{call: GET_FEATURES, call: SET_OWNER}'], 'x.yaml:5: call is there twice'],
  [['&a {call: GET_FEATURES}', '*a'], 'x.yaml:5: anchors (&) have no place in a trace file'],
  [['*a'], /^x.yaml:5: (aliases|Unresolved alias)/],
  [['{call: !x GET_FEATURES}'], /^x.yaml:5: Unresolved tag/],
  [['{__proto__: {}}'], 'x.yaml:5: a key must be a word'],
] as const)('%j', (steps, expected) => {
  if (typeof expected === 'string') expect(said(steps)).toBe(expected);
  else expect(said(steps)).toMatch(expected);
});

test.each([
  [['format: vhost-check/trace@2', 'title: t', 'verdict: pass'], 'x.yaml:1: format: expected vhost-check/trace@1'],
  [['format: vhost-check/trace@1', 'title: t', 'verdict: maybe'], 'x.yaml:3: verdict: expected pass or fail'],
  [['format: vhost-check/trace@1', 'title: t', 'verdict: fail'], /^x.yaml:3: expected a clause/],
  [['format: vhost-check/trace@1', 'verdict: pass'], 'x.yaml:1: title: expected text'],
  [[...HEADER, 'titel: x'], 'x.yaml:4: unknown key titel (did you mean title?)'],
  [[...HEADER, 'comment: "\\e[2J"'], 'x.yaml:4: comment: expected text without control characters'],
  [[...HEADER, 'reproduces: 3/2'], 'x.yaml:4: reproduces: expected k/n with k not above n'],
  [[...HEADER, 'backend: {name: /bin/sh}'], 'x.yaml:4: backend.name: expected the name of a built-in back-end'],
  [[...HEADER, 'backend: {name: x, command: [sh]}'], /^x.yaml:4: unknown key command/],
  [[...HEADER, 'backend: {name: passt, args: [x]}'], /^x.yaml:4: passt takes no arguments here/],
  [[...HEADER, 'backend: {name: reference, args: [--socket, x]}'], /^x.yaml:4: expected --fault, .* not --socket/],
  [[...HEADER, 'backend: {name: reference, args: [--fault, ../x]}'], /^x.yaml:4: expected a plain word/],
  [[...HEADER, 'backend: {name: reference, args: [--fault]}'], /^x.yaml:4: expected a plain word/],
  [[...HEADER, 'backend: {name: reference, args: [--own-channel=x]}'], /^x.yaml:4: expected --fault/],
] as const)('header %j', (header, expected) => {
  if (typeof expected === 'string') expect(said([], header)).toBe(expected);
  else expect(said([], header)).toMatch(expected);
});

test('bounds of a file', () => {
  expect(said(['{open: p, kind: pipe}', `{call: 42, fds: [${'p.r,'.repeat(254)}]}`])).toMatch(
    /at most 253 descriptors/,
  );
  expect(said(Array(limits.file.steps + 1).fill('disconnect'))).toMatch(/at most 10000 steps/);
  expect(saidOf('#'.repeat(limits.file.bytes + 1))).toMatch(/at most 1048576 bytes/);
  expect(said(['{open: p, kind: pipe}', ...Array(6).fill('{write: p.w, pattern: 100000000}')])).toMatch(
    /^x.yaml:11: .*written in all/,
  );
  expect(said(['{open: m, kind: memfd, size: 67108865}'])).toMatch(/at most 67108864 bytes for a memfd/);
  expect(said(Array.from({ length: 5 }, (_, i) => `{open: m${i}, kind: memfd, size: 67108864}`))).toMatch(
    /bytes in all objects/,
  );
  expect(said(Array.from({ length: 8 }, (_, i) => `{start: s${i}}`))).toMatch(/at most 8 sessions/);
});

test('deep nesting and many keys are refused in bounded time', () => {
  expect(saidOf('['.repeat(200_000))).toBe('x.yaml:1: nested too deep');
  expect(saidOf(`${HEADER.join('\n')}\nsteps: ${'['.repeat(20)}${']'.repeat(20)}`)).toBe('x.yaml:4: nested too deep');
  const many = Array.from({ length: 50_000 }, (_, i) => `a${i}: 1`).join('\n');
  expect(saidOf(many)).toMatch(/^x.yaml:1: format/);
});

test('what is wrong is shown without its control characters', () => {
  expect(said(['"\\e[2Jx"'])).toBe('x.yaml:5: step 1: unknown step ?[2Jx');
});

test('numbers beyond 2^53 and bytes that look like numbers stay exact', () => {
  const text = [
    ...HEADER,
    'steps:',
    '  - {call: SET_FEATURES, with: {value: 0xffffffffffffffff}}',
    '  - {call: 99, raw: 0011}',
  ];
  expect(parseTraceFile(text.join('\n'), 'x').steps).toEqual([
    { do: 'call', message: 'SET_FEATURES', with: { value: '0xffffffffffffffff' } },
    { do: 'call', message: 99, raw: '0011' },
  ]);
});

test('steps may take several lines and be remarked upon', () => {
  const text = [
    ...HEADER,
    'steps:',
    '  - call: SET_VRING_NUM',
    '    with: {index: 1, num: 2}',
    '  # a line of its own',
    '  - disconnect # <- fails here',
  ];
  const file = parseTraceFile(text.join('\n'), 'x');
  expect(file.steps).toEqual([
    { do: 'call', message: 'SET_VRING_NUM', with: { index: 1, num: 2 } },
    { do: 'disconnect' },
  ]);
  expect(file.comments).toEqual({ 1: '<- fails here' });
});

test('the example of the format description is one', () => {
  const text = readFileSync(new URL('../../../harness/trace/format.md', import.meta.url), 'utf8');
  const example = /```text\n([\s\S]*?)```/.exec(text)![1]!;
  const file = parseTraceFile(example, 'format.md');
  expect(file.steps.length).toBe(12);
  expect(printTraceFile(file)).toBe(example);
});
