import type { Finding } from '../../properties/finding.js';
import type { Campaign } from '../../properties/index.js';
import type { Wording } from '../../report/wording.js';

/** A finding with every field set. */
export const finding: Finding = {
  clause: 'set.no-error-with-fd',
  level: 'must',
  step: 1,
  on: 'a',
  expected: ['an error without a descriptor', 'success'],
  observed: 'error 1 together with a descriptor',
  signature: 'set.no-error-with-fd | SET_DEVICE_STATE_FD | again',
  trace: [
    { do: 'open', name: 'pipe1', kind: 'pipe' },
    {
      do: 'call',
      message: 'SET_DEVICE_STATE_FD',
      with: { direction: 0, phase: 0 },
      fds: ['pipe1.w'],
      channel: 'pipe1.r',
    },
    { do: 'close', name: 'pipe1.w' },
  ],
  reproduces: { k: 9, n: 10 },
  originalSteps: 34,
  seen: 12,
  executions: 120,
  minimal: true,
  deadlineMs: 150,
  stderr: 'panicked\n\x1b[31mred\x1b[0m',
};

export const wording: Wording = {
  clause: (id) =>
    id === 'set.no-error-with-fd'
      ? { section: 'Front-end message types, SET_DEVICE_STATE_FD', text: 'An error never comes with a descriptor.' }
      : undefined,
  questions: [
    {
      id: 'open.refusal',
      question: 'How is a bad parameter refused?',
      answers: [
        { name: 'error', text: 'with an error reply' },
        { name: 'close', text: 'by closing the connection' },
      ],
    },
    {
      id: 'open.check-twice',
      question: 'What does a second CHECK bring?',
      answers: [{ name: 'same', text: 'the same' }],
    },
  ],
  judged: new Set(['set.no-error-with-fd', 'check.value', 'channel.save-eof']),
};

export const result: Campaign = {
  backend: { name: 'reference', version: '0.1.0' },
  seed: 7,
  findings: [finding],
  coverage: {
    transitions: 321,
    clauses: { 'set.no-error-with-fd': 40, 'check.value': 3 },
    answers: { 'open.refusal': { close: 2, error: 15 } },
  },
  stats: { traces: 1234, steps: 20_000, seconds: 10, stepsPerSecond: 2000, interrupted: false, unconfirmed: 0 },
};
