import { UserError } from '../../harness/user-error.js';
import type { ReplayDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { replayLine, replaySummary } from '../../report/terminal/replay.js';
import { backendName } from '../backend-name.js';
import { type Context, Status } from '../context.js';
import { levelsFrom } from '../levels.js';
import { pinnedAnswers } from '../options/judge.js';
import { chosenTarget, knownFaults } from '../options/target.js';
import { originTarget } from '../origin.js';
import type { Properties } from '../parts.js';
import { readTraces, type StoredTrace } from '../stored.js';
import { version } from '../version.js';
import type { ReplayFlags } from './replay.js';

type FileResult = ReplayDocument['files'][number];
type Options = Parameters<Properties['replayTrace']>[1];

/** With --expect, how many times as many runs as the file speaks of an unreliable violation gets to show once. */
const PATIENCE = 5;

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
      const spec = targets[i] as Options['spec'];
      const options: Options = {
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

async function replayFile(
  trace: StoredTrace,
  options: Options,
  replayTrace: Properties['replayTrace'],
  expect: boolean,
): Promise<FileResult> {
  let runs = 0;
  let shown = 0;
  const others = new Map<string, FileResult['others'][number]>();
  const unreliable = trace.reproduces !== undefined && trace.reproduces.k < trace.reproduces.n;
  for (let round = 0; round < (expect && unreliable ? PATIENCE : 1) && shown === 0; round++) {
    const replayed = await replayTrace(trace.steps, options);
    runs += replayed.runs;
    for (const { violations } of replayed.judgements) {
      if (violations.some((violation) => isStored(violation, trace))) shown++;
      // A signature counts once a run, however often the run shows it.
      const fresh = new Map(violations.filter((v) => !isStored(v, trace)).map((v) => [v.signature, v]));
      for (const [signature, v] of fresh) {
        const { clause, level, step, observed } = v;
        const before = others.get(signature)?.runs ?? 0;
        others.set(signature, { signature, clause, level, step, observed, runs: before + 1 });
      }
    }
  }
  if (runs === 0) throw new UserError(`${trace.file}: the back-end could not be run`);
  const outcome =
    shown > 0
      ? 'shows-again'
      : others.size > 0
        ? 'new-violation'
        : trace.verdict === 'pass'
          ? 'passes'
          : 'no-longer-shows';
  return {
    file: trace.file,
    backend: backendName(options.spec),
    verdict: trace.verdict,
    runs,
    shown,
    outcome,
    others: [...others.values()],
    asExpected: trace.verdict === 'pass' ? outcome === 'passes' : outcome === 'shows-again',
  };
}

/** Whether this is the violation that the file's header names. */
function isStored(violation: { readonly clause: string; readonly signature: string }, trace: StoredTrace): boolean {
  if (trace.verdict === 'pass') return false;
  return trace.signature === undefined ? violation.clause === trace.clause : violation.signature === trace.signature;
}
