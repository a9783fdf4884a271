import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownDirectory } from '../backends/cleanup.js';
import { openTarget } from '../backends/index.js';
import { openDescriptors } from '../native/index.js';
import { equip, type Lab, type OpenLab } from '../properties/campaign/lab.js';
import { type CampaignOptions, type Finding, type Level, runCampaign } from '../properties/index.js';
import { KeptTarget } from './kept-target.js';
import type { Part } from './parts.js';
import { type Change, Processes, type Use } from './processes.js';

const LEVELS: ReadonlySet<Level> = new Set(['must', 'should', 'may', 'robust']);

type Shrinking = Pick<CampaignOptions, 'maxShrinkExecutions'>;

/** What a part showed. */
export interface PartResult {
  readonly part: Part;
  readonly version: string;
  readonly traces: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  /** Violations that showed once and not again, with more time to answer. */
  readonly unconfirmed: number;
  /** Back-end processes that ended by themselves: none has a reason to. */
  readonly ended: number;
  readonly backend: Use;
  /** Descriptors of this process, before the part and after it, and its resident memory in bytes. */
  readonly harness: { readonly descriptors: Change; readonly memory: Change };
}

/**
 * Run one part in this process, on reference back-ends in processes of their own that serve all of its traces.
 * @param shrinking what may be spent on a finding
 * @throws UserError where none can be started; Error for what is wrong with us
 */
export async function runPart(part: Part, shrinking: Shrinking = {}): Promise<PartResult> {
  const before = ours();
  const workDir = mkdtempSync(join(tmpdir(), 'vhost-check-soak-'));
  const remove = ownDirectory(workDir);
  let result: Omit<PartResult, 'harness'>;
  try {
    result = await campaign(part, shrinking, workDir);
  } finally {
    remove();
  }
  const after = ours();
  return {
    ...result,
    harness: {
      descriptors: { before: before.descriptors, after: after.descriptors },
      memory: { before: before.memory, after: after.memory },
    },
  };
}

const ours = () => ({ descriptors: openDescriptors().length, memory: process.memoryUsage().rss });

async function campaign(part: Part, shrinking: Shrinking, workDir: string): Promise<Omit<PartResult, 'harness'>> {
  const spec = { kind: 'builtin', name: 'reference', args: part.args } as const;
  const target = new KeptTarget(await openTarget(spec, { reuse: true, spares: 0, workDir }));
  try {
    const processes = new Processes();
    let deadlineMs = 0;
    const open: OpenLab = async (options) => {
      const lab = await equip(options, target, workDir);
      ({ deadlineMs } = lab);
      const run: Lab['run'] = async (trace, patience) => {
        const outcome = await lab.run(trace, patience);
        processes.saw(outcome.history);
        return outcome;
      };
      return { ...lab, run, close: async () => {} };
    };
    const { runs, seed, variants } = part;
    const { findings, stats } = await runCampaign(
      { spec, runs, seed, jobs: 1, reuse: true, levels: LEVELS, variants, ...shrinking },
      open,
    );
    return {
      part,
      version: target.version,
      traces: stats.traces,
      seconds: stats.seconds,
      findings,
      unconfirmed: stats.unconfirmed,
      ended: target.ended,
      backend: await processes.compare(target, target.living, { deadlineMs, workDir, reuse: true }),
    };
  } finally {
    await target.dispose();
  }
}
