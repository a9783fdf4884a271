import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTarget } from '../../../backends/index.js';
import { type FaultName, faults } from '../../../backends/reference/faults.js';
import { runTrace } from '../../../harness/index.js';
import { parseTraceFile } from '../../../harness/trace/file.js';
import { judge } from '../../../properties/judge/index.js';

const corpus = join(import.meta.dirname, '..', '..', '..', 'corpus', 'conformance');

let workDir: string;
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-judge-'));
});
afterAll(() => rmSync(workDir, { recursive: true }));

/** The clauses that a conformance trace finds broken in the reference back-end with this fault. */
async function broken(fault: FaultName, name: string): Promise<readonly string[]> {
  const file = `${name}.yaml`;
  const { steps } = parseTraceFile(readFileSync(join(corpus, file), 'utf8'), file);
  const spec = { kind: 'builtin', name: 'reference', args: ['--fault', fault] } as const;
  const target = await openTarget(spec, { reuse: false, spares: 0, workDir, inProcess: true });
  try {
    const history = await runTrace(steps, target, { deadlineMs: 1_000, workDir });
    return judge(steps, history, { variants: {}, comparable: true }).violations.map(({ clause }) => clause);
  } finally {
    await target.dispose();
  }
}

/** Faults that only what comes before or behind the transfer gives away. */
describe('a conformance trace shows', () => {
  it.each<readonly [FaultName, string]>([
    ['base-forgotten', 'ring-index-migrates'],
    ['abandon-resets-config', 'configuration-survives-abandoned-save'],
    ['bad-load-applies', 'configuration-survives-failed-load'],
    ['check-abandoned-good', 'abandoned-save-retry'],
    ['nonblock-gives-up', 'non-blocking-save'],
  ])('%s in %s', async (fault, name) => {
    expect(new Set(await broken(fault, name))).toEqual(new Set([faults[fault].clause]));
  });

  it('a load that does not wait, by the kind of its channel', async () => {
    expect(await broken('load-ends-when-empty', 'non-blocking-load')).toEqual(['channel.any-kind']);
    expect(await broken('load-ends-when-empty', 'small-pipe-load')).toEqual(['channel.load-to-eof']);
  });
});
