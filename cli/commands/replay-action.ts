import type { ReplayOptions } from '../../properties/index.js';
import type { ReplayDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { replayLine, replaySummary } from '../../report/terminal/replay.js';
import { type Context, Status } from '../context.js';
import { levelsFrom } from '../levels.js';
import { pinnedAnswers } from '../options/judge.js';
import { chosenTarget, knownFaults } from '../options/target.js';
import { originTarget } from '../origin.js';
import { replayFile } from '../replay-file.js';
import { readTraces } from '../stored.js';
import { version } from '../version.js';
import type { ReplayFlags } from './replay.js';

type FileResult = ReplayDocument['files'][number];

/** `vhost-check replay` */
export async function replayAction(this: Context, flags: ReplayFlags, ...paths: string[]): Promise<void> {
  const { stdout, stderr, env } = this.process;
  const chosen = chosenTarget(flags, this.command);
  const [registry, files] = await Promise.all([this.parts.registry(), this.parts.traceFiles()]);
  const pinned = pinnedAnswers(flags.variant, registry);
  pinnedAnswers(flags.answer, registry);
  await knownFaults(flags, this.parts);
  const traces = await readTraces(paths, files);
  // All that can be wrong with the files is said before the first one runs.
  const targets = traces.map((trace) => chosen ?? originTarget(trace, flags));
  const { replayTrace } = await this.parts.properties();

  const colours = style(wantsColour(stdout, env));
  const results: FileResult[] = [];
  let interrupted = false;
  const undo = this.onInterrupt(() => {
    interrupted = true;
  });
  try {
    for (const [i, trace] of traces.entries()) {
      if (interrupted) break;
      const spec = targets[i]!;
      const options: ReplayOptions = {
        spec,
        runs: flags.runs ?? trace.reproduces?.n ?? 1,
        ...(trace.deadlineMs === undefined ? {} : { deadlineMs: trace.deadlineMs }),
        variants: { ...trace.variants, ...pinned },
        levels: levelsFrom(flags.level),
      };
      const result = await replayFile(trace, options, replayTrace, flags.expect ?? false);
      results.push(result);
      if (!flags.json) stdout.write(`${replayLine(result, colours)}\n`);
    }
  } finally {
    undo();
  }
  if (flags.json) {
    const document: ReplayDocument = {
      format: 'vhost-check/replay@1',
      tool: { version: version() },
      files: results,
    };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    stdout.write(replaySummary(results, flags.expect ?? false, colours));
  }
  if (interrupted && results.length < traces.length) {
    stderr.write(`vhost-check: interrupted after ${results.length} of ${traces.length} files\n`);
    this.process.exitCode = Status.error;
    return;
  }
  const good = results.every((r) =>
    flags.expect ? r.asExpected : r.outcome === 'passes' || r.outcome === 'no-longer-shows',
  );
  this.process.exitCode = good ? Status.clean : Status.found;
}
