import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { TargetSpec } from '../../backends/index.js';
import { replayCommand } from '../../report/command-line.js';
import { runDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { ProgressLine } from '../../report/terminal/progress.js';
import { summaryText } from '../../report/terminal/summary.js';
import { type Context, Status } from '../context.js';
import { levelsFrom } from '../levels.js';
import { knownClauses, pinnedAnswers } from '../options/judge.js';
import { chosenTarget, knownFaults, referenceArguments } from '../options/target.js';
import { openOut } from '../out.js';
import { version } from '../version.js';
import { wordingOf } from '../wording.js';
import type { RunFlags } from './run.js';

/** Seconds of a campaign that names neither a time nor a number of traces. */
const DEFAULT_SECONDS = 60;

/** `vhost-check run` */
export async function runAction(this: Context, flags: RunFlags): Promise<void> {
  const { stdout, stderr, env } = this.process;
  const spec: TargetSpec = chosenTarget(flags, this.command) ?? {
    kind: 'builtin',
    name: 'reference',
    args: referenceArguments(flags, 'reference'),
  };
  const [registry, coverage, properties] = await Promise.all([
    this.parts.registry(),
    this.parts.coverage(),
    this.parts.properties(),
  ]);
  const variants = pinnedAnswers(flags.variant, registry);
  pinnedAnswers(flags.answer, registry);
  await knownFaults(flags, this.parts);
  const clauses = knownClauses(flags.clause, registry, coverage.judgedClauses());
  const out = await openOut(flags.out);

  const stop = new AbortController();
  const undo = this.onInterrupt(() => stop.abort());
  const progress = new ProgressLine(stderr);
  try {
    const seconds = flags.time ?? (flags.runs === undefined ? DEFAULT_SECONDS : undefined);
    const result = await properties.runCampaign({
      spec,
      seed: flags.seed ?? randomInt(2 ** 31),
      jobs: flags.jobs ?? availableParallelism(),
      reuse: flags.reuse ?? false,
      levels: levelsFrom(flags.level),
      variants,
      ...(flags.runs === undefined ? {} : { runs: flags.runs }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(clauses === undefined ? {} : { clauses }),
      ...(flags.mood === undefined ? {} : { moods: flags.mood }),
      onProgress: (now) => progress.update(now),
      signal: stop.signal,
    });
    progress.clear();
    const wording = wordingOf(registry, coverage);
    const origin = { spec, version: result.backend.version, variants, wording };
    const findings = result.findings.map((finding) => out.store(finding, origin));
    const stored = { ...result, findings };
    const replay = (index: number) => {
      const file = findings[index]?.file;
      return file === undefined ? undefined : replayCommand(out.path(file), spec);
    };
    if (flags.json) {
      stdout.write(
        `${JSON.stringify(runDocument(stored, { version: version(), variants, wording, replay }), null, 2)}\n`,
      );
    } else {
      stdout.write(summaryText(stored, { style: style(wantsColour(stdout, env)), wording, replay }));
    }
    this.process.exitCode = findings.length > 0 ? Status.found : Status.clean;
  } finally {
    progress.clear();
    undo();
    await out.close();
  }
}
