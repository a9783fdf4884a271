import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { TargetSpec } from '../backends/index.js';
import { printTraceFile, type TraceFile } from '../harness/trace/file.js';
import { writeFileWhole } from '../harness/write-whole.js';
import type { Finding } from '../properties/finding.js';
import type { Wording } from './wording.js';

/** Where a finding comes from. */
export interface Origin {
  readonly spec: TargetSpec;
  /** Version of the back-end; empty when unknown. */
  readonly version: string;
  /** Pinned answers that its verdict rests on. */
  readonly variants: Readonly<Record<string, string>>;
  readonly wording: Wording;
}

/** Store a finding under `directory`: one file a signature, in `found/`.
 * @returns its path below `directory`
 * @throws UserError where it cannot be written */
export function storeFinding(directory: string, finding: Finding, origin: Origin): string {
  const file = join('found', fileName(finding));
  writeFileWhole(join(directory, file), printTraceFile(traceFile(finding, origin)));
  return file;
}

/** `<clause>-<hash of the signature>.yaml` */
export function fileName(finding: Pick<Finding, 'clause' | 'signature'>): string {
  const hash = createHash('sha256').update(finding.signature).digest('hex').slice(0, 8);
  // A clause comes from our own registry, but a file name is no place to rely on that.
  return `${finding.clause.replace(/[^A-Za-z0-9.-]/g, '_')}-${hash}.yaml`;
}

/** The corpus file of a finding. Its header names a built-in back-end, never a command or a socket. */
export function traceFile(finding: Finding, { spec, version, variants, wording }: Origin): TraceFile {
  return {
    title: wording.clause(finding.clause)?.text ?? finding.clause,
    ...(spec.kind === 'builtin' ? { backend: builtin(spec, version) } : {}),
    verdict: 'fail',
    clause: finding.clause,
    level: finding.level,
    signature: finding.signature,
    expected: finding.expected,
    observed: finding.observed,
    reproduces: finding.reproduces,
    deadlineMs: finding.deadlineMs,
    ...(Object.keys(variants).length === 0 ? {} : { variants }),
    steps: finding.trace,
    ...(finding.step < finding.trace.length ? { comments: { [finding.step]: '<- fails here' } } : {}),
  };
}

function builtin(spec: Extract<TargetSpec, { kind: 'builtin' }>, version: string): NonNullable<TraceFile['backend']> {
  return {
    name: spec.name,
    ...(version === '' ? {} : { version }),
    ...(spec.args.length === 0 ? {} : { args: spec.args }),
  };
}
