import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../backends/index.js';
import { runTrace } from '../../harness/index.js';
import type { Target } from '../../harness/target.js';
import { parseTraceFile, printTraceFile } from '../../harness/trace/file.js';
import { clause } from '../../model/clauses/index.js';
import { judge } from '../../properties/judge/index.js';
import { fetchReal } from '../backends/real.js';

const corpus = join(import.meta.dirname, '..', '..', 'corpus', 'found');
const names = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
const texts = new Map(names.map((name) => [name, readFileSync(join(corpus, name), 'utf8')]));
const files = new Map([...texts].map(([name, text]) => [name, parseTraceFile(text, name)]));
const real = (await fetchReal()).names;

let workDir: string;
const targets = new Map<string, Target>();
const open = async (name: string): Promise<Target> => {
  const inProcess = name === 'reference';
  const target =
    targets.get(name) ??
    (await openTarget({ kind: 'builtin', name, args: [] }, { reuse: false, spares: 1, workDir, inProcess }));
  targets.set(name, target);
  return target;
};
const signatures = async (backend: string, name: string): Promise<readonly string[]> => {
  const { steps, deadlineMs = 250 } = files.get(name)!;
  const target = await open(backend);
  const history = await runTrace(steps, target, { deadlineMs, workDir });
  return judge(steps, history, { variants: {}, comparable: target.comparable }).violations.map((v) => v.signature);
};

beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
});
afterAll(async () => {
  for (const target of targets.values()) await target.dispose();
  rmSync(workDir, { recursive: true });
});

test('there are findings on each real back-end', () => {
  expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(new Set(['passt', 'virtiofsd']));
});

describe.each(names)('%s', (name) => {
  const file = files.get(name)!;

  test('says why it is a finding, how sure it is, and prints back to itself', () => {
    expect(printTraceFile(file)).toBe(texts.get(name));
    expect(file.verdict).toBe('fail');
    expect(file.comment?.length).toBeGreaterThan(100);
    expect(clause(file.clause!).level).toBe(file.level);
    expect(file.reproduces!.k).toBe(file.reproduces!.n);
    expect(file.backend!.name.split('@')[0]).toBe(name.split('/')[0]);
  });

  test('shows nothing on a conformant back-end', async () => {
    expect(await signatures('reference', name)).toEqual([]);
  });

  test.runIf(real.includes(file.backend!.name))('shows again where it was found', async () => {
    expect(await signatures(file.backend!.name, name)).toContain(file.signature);
  });
});
