import { UserError } from '../harness/user-error.js';
import type { Violation } from '../properties/finding.js';
import type { ReplayOptions } from '../properties/index.js';
import type { ReplayDocument } from '../report/json.js';
import { backendName } from './backend-name.js';
import type { Properties } from './parts.js';
import type { StoredTrace } from './stored.js';

type FileResult = ReplayDocument['files'][number];

/** With --expect, how many times as many runs as the file speaks of an unreliable violation gets to show once. */
const PATIENCE = 5;
/** Runs in which a violation that the file does not name must show again: a busy machine is no violation. */
const CONFIRM_RUNS = 5;
/** How long a due answer is waited for in these, milliseconds. */
const CONFIRM_DEADLINE_MS = 2_000;

/** Run one stored trace and compare what it shows with what its header says.
 * @param expect go on until an unreliable violation has shown once
 * @throws UserError where the back-end cannot be run */
export async function replayFile(
  trace: StoredTrace,
  options: ReplayOptions,
  replayTrace: Properties['replayTrace'],
  expect: boolean,
): Promise<FileResult> {
  let runs = 0;
  let shown = 0;
  const others = new Map<string, FileResult['others'][number]>();
  const unreliable = trace.reproduces !== undefined && trace.reproduces.k < trace.reproduces.n;
  for (let round = 0; round < (expect && unreliable ? PATIENCE : 1) && shown === 0; round++) {
    const { judgements } = await replayTrace(trace.steps, options);
    runs += judgements.length;
    for (const { violations } of judgements) {
      if (violations.some((violation) => isStored(violation, trace))) shown++;
      for (const [signature, { clause, level, step, observed }] of newOnes(violations, trace)) {
        const before = others.get(signature)?.runs ?? 0;
        others.set(signature, { signature, clause, level, step, observed, runs: before + 1 });
      }
    }
  }
  if (runs === 0) throw new UserError(`${trace.file}: the back-end could not be run`);
  if (shown === 0) {
    const chance = await notAgain(
      new Set(others.keys()),
      (patient) => replayTrace(trace.steps, patient),
      trace,
      options,
    );
    for (const signature of chance) others.delete(signature);
  }
  const outcome = outcomeOf(trace, shown, others.size);
  return {
    file: trace.file,
    backend: backendName(options.spec),
    verdict: trace.verdict,
    runs,
    shown,
    outcome,
    others: [...others.values()],
    asExpected: outcome === (trace.verdict === 'pass' ? 'passes' : 'shows-again'),
  };
}

/** Those of the signatures that do not show again, with more time for every answer. */
async function notAgain(
  signatures: Set<string>,
  run: (options: ReplayOptions) => ReturnType<Properties['replayTrace']>,
  trace: StoredTrace,
  options: ReplayOptions,
): Promise<ReadonlySet<string>> {
  const deadlineMs = Math.max(options.deadlineMs ?? 0, CONFIRM_DEADLINE_MS);
  for (let i = 0; i < CONFIRM_RUNS && signatures.size > 0; i++) {
    const { judgements } = await run({ ...options, runs: 1, deadlineMs });
    for (const { violations } of judgements) {
      for (const signature of newOnes(violations, trace).keys()) signatures.delete(signature);
    }
  }
  return signatures;
}

function outcomeOf(trace: StoredTrace, shown: number, others: number): FileResult['outcome'] {
  if (shown > 0) return 'shows-again';
  if (others > 0) return 'new-violation';
  return trace.verdict === 'pass' ? 'passes' : 'no-longer-shows';
}

/** Violations that the header does not name, each signature once. */
function newOnes(violations: readonly Violation[], trace: StoredTrace): Map<string, Violation> {
  return new Map(violations.filter((v) => !isStored(v, trace)).map((v) => [v.signature, v]));
}

/** Whether this is the violation that the file's header names. */
function isStored(violation: Violation, trace: StoredTrace): boolean {
  if (trace.verdict === 'pass') return false;
  return trace.signature === undefined ? violation.clause === trace.clause : violation.signature === trace.signature;
}
