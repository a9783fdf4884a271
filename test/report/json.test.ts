import { expect, test } from 'vitest';
import { runDocument, runSchema } from '../../report/json.js';
import { finding, result, wording } from './samples.js';

const options = {
  version: '1.2.3',
  variants: { 'open.refusal': 'error' },
  wording,
  replay: (index: number) => `npx vhost-check replay ${index}.yaml`,
};

test('a campaign as a document', () => {
  const document = runDocument({ ...result, findings: [{ ...finding, file: 'found/x.yaml' }] }, options);
  expect(runSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  expect(document).toMatchObject({
    format: 'vhost-check/run@1',
    tool: { version: '1.2.3' },
    backend: { name: 'reference', version: '0.1.0' },
    seed: 7,
    variants: { 'open.refusal': 'error' },
    stats: { traces: 1234, interrupted: false },
  });
  // Everything that the finding says, and what the registry adds.
  expect(document.findings).toEqual([
    {
      ...finding,
      section: 'Front-end message types, SET_DEVICE_STATE_FD',
      text: 'An error never comes with a descriptor.',
      file: 'found/x.yaml',
      replay: 'npx vhost-check replay 0.yaml',
    },
  ]);
});

test('clauses that no trace reached are there with 0', () => {
  expect(runDocument(result, options).coverage.clauses).toEqual({
    'channel.save-eof': 0,
    'check.value': 3,
    'set.no-error-with-fd': 40,
  });
});

test('the schema refuses what is not such a document', () => {
  const document = runDocument(result, options);
  expect(runSchema.safeParse(document).success).toBe(true);
  expect(runSchema.safeParse({ ...document, format: 'vhost-check/run@2' }).success).toBe(false);
  const { seed: _, ...without } = document;
  expect(runSchema.safeParse(without).success).toBe(false);
  const broken = { ...document, findings: [{ ...document.findings[0], level: 'maybe' }] };
  expect(runSchema.safeParse(broken).success).toBe(false);
});
