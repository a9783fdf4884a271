import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { calibrate, judge, openTarget, probe, runTrace, traces } from '../../index.js';

const workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
afterAll(() => rmSync(workDir, { recursive: true }));

test('the example of a test of one’s own runs as it stands', async () => {
  // The lines of the document, word for word.
  // begin
  const target = await openTarget(
    { kind: 'builtin', name: 'reference', args: [] },
    { reuse: false, spares: 2, workDir },
  );
  try {
    const deadlineMs = await calibrate(target);
    const profile = await probe(target, deadlineMs, workDir);
    const levels = new Set(['must', 'should'] as const);
    await fc.assert(
      fc.asyncProperty(traces({ profile, moods: ['lawful', 'hostile'] }), async (trace) => {
        const history = await runTrace(trace, target, { deadlineMs, workDir });
        const { violations } = judge(trace, history, { variants: {}, comparable: target.comparable, levels });
        return violations.length === 0;
      }),
      { numRuns: 20 },
    );
  } finally {
    await target.dispose();
  }
  // end
});

test('and it is what the document shows', () => {
  // The formatter breaks lines by their width: only what stands in them counts.
  const bare = (text: string) => text.replace(/\s+/g, '').replace(/,(?=[)}\]])/g, '');
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [imports = '', ...code] = (/```ts\n(.*?)```/s.exec(readme)?.[1] ?? '').split('\n\n');
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const run = /\/\/ begin\n(.*?)\/\/ end/s.exec(own)?.[1] ?? '';
  expect(bare(run)).toBe(bare(code.join('')));
  expect(bare(run).length).toBeGreaterThan(100);
  for (const line of imports.split('\n')) expect(own).toContain(line.replace("'vhost-check';", "'../../index.js';"));
});
