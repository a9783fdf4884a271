import { replayCommand } from '../../report/command-line.js';
import { findingDocument, type ShrinkDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { findingText } from '../../report/terminal/finding.js';
import { count, harmless } from '../../report/text.js';
import { backendName } from '../backend-name.js';
import { type Context, Status } from '../context.js';
import { levelsFrom } from '../levels.js';
import { pinnedAnswers } from '../options/judge.js';
import { chosenTarget, knownFaults } from '../options/target.js';
import { originTarget } from '../origin.js';
import { openOut } from '../out.js';
import { readTrace } from '../stored.js';
import { version as ownVersion } from '../version.js';
import { wordingOf } from '../wording.js';
import type { ShrinkFlags } from './shrink.js';

/** `vhost-check shrink` */
export async function shrinkAction(this: Context, flags: ShrinkFlags, path: string): Promise<void> {
  const { stdout, stderr, env } = this.process;
  const chosen = chosenTarget(flags, this.command);
  const [registry, coverage, files] = await Promise.all([
    this.parts.registry(),
    this.parts.coverage(),
    this.parts.traceFiles(),
  ]);
  pinnedAnswers(flags.answer, registry);
  await knownFaults(flags, this.parts);
  const trace = await readTrace(path, files);
  const variants = { ...trace.variants, ...pinnedAnswers(flags.variant, registry) };
  const spec = chosen ?? originTarget(trace, flags);
  const out = await openOut(flags.out);
  try {
    const { shrinkTrace } = await this.parts.properties();
    if (stderr.isTTY) stderr.write(`shrinking ${count(trace.steps.length, 'step')} …\n`);
    const found = await shrinkTrace(trace.steps, trace.signature, {
      spec,
      runs: flags.runs,
      maxExecutions: flags.maxRuns,
      ...(trace.deadlineMs === undefined ? {} : { deadlineMs: trace.deadlineMs }),
      variants,
      levels: levelsFrom(flags.level),
    });
    const wording = wordingOf(registry, coverage);
    // The version is the header's where the back-end is; another one's is not known here.
    const version = chosen === undefined ? (trace.backend?.version ?? '') : '';
    const finding = found === undefined ? undefined : out.store(found, { spec, version, variants, wording });
    const replay = finding === undefined ? undefined : replayCommand(out.path(finding.file), spec);
    if (flags.json) {
      const document: ShrinkDocument = {
        format: 'vhost-check/shrink@1',
        tool: { version: ownVersion() },
        backend: backendName(spec),
        ...(finding === undefined ? {} : { finding: findingDocument(finding, wording, replay) }),
      };
      stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    } else if (finding === undefined) {
      stdout.write(`${harmless(path)}: shows no violation\n`);
    } else {
      const view = { style: style(wantsColour(stdout, env)), wording, ...(replay === undefined ? {} : { replay }) };
      stdout.write(`${findingText(1, finding, view)}\n`);
    }
    this.process.exitCode = finding === undefined ? Status.clean : Status.found;
  } finally {
    await out.close();
  }
}
