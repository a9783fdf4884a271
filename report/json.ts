import { z } from 'zod';
import type { Finding } from '../properties/finding.js';
import type { Campaign } from '../properties/index.js';
import type { Wording } from './wording.js';

const level = z.enum(['must', 'should', 'may', 'robust']);

/** A step as in a corpus file; only its name is checked here. */
const step = z.looseObject({ do: z.string() });

/** One finding of a document. */
export const findingSchema = z.object({
  signature: z.string(),
  clause: z.string(),
  level,
  /** Section of the source, and the clause in our own words. */
  section: z.string(),
  text: z.string(),
  /** Index of the failing step, from 0; the number of steps where it shows after the last one. */
  step: z.int().min(0),
  on: z.string(),
  expected: z.array(z.string()),
  observed: z.string(),
  trace: z.array(step),
  reproduces: z.object({ k: z.int().min(0), n: z.int().min(1) }),
  originalSteps: z.int().min(0),
  seen: z.int().min(0),
  executions: z.int().min(0),
  /** No step can be taken from the trace; false where there was no time to find out. */
  minimal: z.boolean(),
  deadlineMs: z.number(),
  stderr: z.string().optional(),
  /** The corpus file, and the command that replays it. */
  file: z.string().optional(),
  replay: z.string().optional(),
});

/** What `run --json` prints. */
export const runSchema = z.object({
  format: z.literal('vhost-check/run@1'),
  tool: z.object({ version: z.string() }),
  backend: z.object({ name: z.string(), version: z.string() }),
  seed: z.int(),
  variants: z.record(z.string(), z.string()),
  findings: z.array(findingSchema),
  coverage: z.object({
    transitions: z.int().min(0),
    /** Clause to the number of traces that reached it; those the judge knows and no trace reached are there with 0. */
    clauses: z.record(z.string(), z.int().min(0)),
    /** Open question to answer to the number of traces that showed it. */
    answers: z.record(z.string(), z.record(z.string(), z.int().min(0))),
  }),
  stats: z.object({
    traces: z.int().min(0),
    steps: z.int().min(0),
    seconds: z.number().min(0),
    stepsPerSecond: z.number().min(0),
    interrupted: z.boolean(),
    /** Violations that showed once and not again. They are no findings. */
    unconfirmed: z.int().min(0),
  }),
});

/** What `replay --json` prints. */
export const replaySchema = z.object({
  format: z.literal('vhost-check/replay@1'),
  tool: z.object({ version: z.string() }),
  files: z.array(
    z.object({
      file: z.string(),
      backend: z.string(),
      /** What the file's header says. */
      verdict: z.enum(['pass', 'fail']),
      runs: z.int().min(1),
      /** Runs in which the stored signature showed; 0 for a trace that should pass. */
      shown: z.int().min(0),
      outcome: z.enum(['passes', 'shows-again', 'no-longer-shows', 'new-violation']),
      /** Other signatures that showed, with the number of runs. */
      others: z.array(
        z.object({
          signature: z.string(),
          clause: z.string(),
          level,
          step: z.int(),
          observed: z.string(),
          runs: z.int().min(1),
        }),
      ),
      /** Whether the file did what its header says. */
      asExpected: z.boolean(),
    }),
  ),
});

/** What `shrink --json` prints; no finding where the trace shows no violation. */
export const shrinkSchema = z.object({
  format: z.literal('vhost-check/shrink@1'),
  tool: z.object({ version: z.string() }),
  backend: z.string(),
  finding: findingSchema.optional(),
});

/** What `clauses --json` prints. */
export const clausesSchema = z.object({
  format: z.literal('vhost-check/clauses@1'),
  tool: z.object({ version: z.string() }),
  clauses: z.array(
    z.object({
      id: z.string(),
      level,
      side: z.enum(['back-end', 'front-end', 'both']),
      section: z.string(),
      text: z.string(),
      exercised: z.boolean(),
      judged: z.boolean(),
    }),
  ),
  counts: z.object({
    clauses: z.int(),
    exercised: z.int(),
    judged: z.int(),
    both: z.int(),
    unjudged: z.int(),
  }),
  questions: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      section: z.string(),
      /** Why the source does not answer it. */
      why: z.string(),
      answers: z.array(z.object({ name: z.string(), text: z.string() })),
    }),
  ),
});

/** What `backends --json` prints. */
export const backendsSchema = z.object({
  format: z.literal('vhost-check/backends@1'),
  tool: z.object({ version: z.string() }),
  backends: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      available: z.boolean(),
      origin: z.enum(['built in', 'installed', 'cache', 'nowhere']),
      command: z.array(z.string()),
      /** What to do when it is not available. */
      hint: z.string().optional(),
    }),
  ),
});

/** What `backends faults --json` prints. */
export const faultsSchema = z.object({
  format: z.literal('vhost-check/faults@1'),
  tool: z.object({ version: z.string() }),
  faults: z.array(z.object({ name: z.string(), clause: z.string(), text: z.string(), when: z.string() })),
});

export type RunDocument = z.infer<typeof runSchema>;
export type ReplayDocument = z.infer<typeof replaySchema>;
export type ShrinkDocument = z.infer<typeof shrinkSchema>;
export type ClausesDocument = z.infer<typeof clausesSchema>;
export type BackendsDocument = z.infer<typeof backendsSchema>;
export type FaultsDocument = z.infer<typeof faultsSchema>;
type FindingDocument = z.infer<typeof findingSchema>;

/** The facts of a campaign as one document. @param replay the command that replays a finding, where it is stored. */
export function runDocument(
  result: Campaign,
  options: {
    readonly version: string;
    readonly variants: Readonly<Record<string, string>>;
    readonly wording: Wording;
    replay(index: number): string | undefined;
  },
): RunDocument {
  const clauses: Record<string, number> = { ...result.coverage.clauses };
  for (const id of options.wording.judged) clauses[id] ??= 0;
  return {
    format: 'vhost-check/run@1',
    tool: { version: options.version },
    backend: { ...result.backend },
    seed: result.seed,
    variants: { ...options.variants },
    findings: result.findings.map((finding, i) => findingDocument(finding, options.wording, options.replay(i))),
    coverage: {
      transitions: result.coverage.transitions,
      clauses: Object.fromEntries(Object.entries(clauses).sort(([a], [b]) => (a < b ? -1 : 1))),
      answers: Object.fromEntries(Object.entries(result.coverage.answers).map(([k, v]) => [k, { ...v }])),
    },
    stats: { ...result.stats },
  };
}

/** One finding as it stands in a document. */
export function findingDocument(finding: Finding, wording: Wording, replay: string | undefined): FindingDocument {
  const clause = wording.clause(finding.clause);
  return {
    signature: finding.signature,
    clause: finding.clause,
    level: finding.level,
    section: clause?.section ?? '',
    text: clause?.text ?? '',
    step: finding.step,
    on: finding.on,
    expected: [...finding.expected],
    observed: finding.observed,
    trace: finding.trace.map((s) => ({ ...s })),
    reproduces: { ...finding.reproduces },
    originalSteps: finding.originalSteps,
    seen: finding.seen,
    executions: finding.executions,
    minimal: finding.minimal,
    deadlineMs: finding.deadlineMs,
    ...(finding.stderr === undefined ? {} : { stderr: finding.stderr }),
    ...(finding.file === undefined ? {} : { file: finding.file }),
    ...(replay === undefined ? {} : { replay }),
  };
}
