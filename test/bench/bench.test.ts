import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../bench/compile.js';
import { endurance } from '../../bench/endurance.js';
import { expectGood } from '../../bench/migrations.js';
import { roundTrips } from '../../bench/round-trips.js';
import { allowedCpus } from '../../native/index.js';

// How fast anything is here is of no interest: only that the benchmark measures what it says.

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('round trips against the echo program, ours and the C client', async () => {
  const programs = { echo: compile('echo', directory), client: compile('client', directory) };
  const { ours, bare } = await roundTrips(programs, directory, allowedCpus()[0] ?? 0, 50);
  expect(ours).toBeGreaterThan(0);
  expect(bare).toBeGreaterThan(0);
});

test('traces on one reference back-end that is kept', async () => {
  const { rate, samples } = await endurance(directory, 20, 4);
  expect(rate).toBeGreaterThan(0);
  expect(samples.map((sample) => sample.traces)).toEqual([5, 10, 15, 20]);
  for (const sample of samples) {
    expect(sample.backendResident).toBeGreaterThan(0);
    expect(sample.descriptors).toBe(samples[0]?.descriptors);
    expect(sample.backendDescriptors).toBe(samples[0]?.backendDescriptors);
  }
});

test('the C loop compiles', () => {
  expect(compile('migration', directory)).toBe(join(directory, 'migration'));
});

test('a trace that went wrong is not counted', () => {
  expect(() => expectGood({ events: [], sessions: {}, states: {}, deadlineMs: 1 })).toThrow('the save failed');
});

test('what does not compile says why', () => {
  expect(() => compile('nothing', directory)).toThrow(/cannot compile .*nothing\.c/);
});
