import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTarget } from '../../backends/index.js';
import { type Fault, type FaultName, faults } from '../../backends/reference/faults.js';
import { runTrace } from '../../harness/index.js';
import type { Target } from '../../harness/target.js';
import { parseTraceFile, printSteps } from '../../harness/trace/file.js';
import type { Trace } from '../../harness/trace/step.js';
import type { Judgement, Violation } from '../../properties/finding.js';
import { moods, referenceProfile, traces } from '../../properties/generate/index.js';
import { judge } from '../../properties/judge/index.js';
import { shrink } from '../../properties/shrink/index.js';

/** How a fault is looked for, and how small it becomes, where it is not as all others are. */
interface Row {
  /** Clauses under which it shows as well: from outside it is the same. */
  readonly also?: readonly string[];
  /** What is looked at is a process: its end, or what it uses. */
  readonly process?: boolean;
  /** A back-end that served other traces before shows something else. */
  readonly fresh?: boolean;
  /** Generated traces do this too rarely: one that shows it, without the negotiation. */
  readonly stored?: string;
  /** Most steps of the shrunk trace. */
  readonly steps?: number;
  /** Most executions of the shrinking. */
  readonly executions?: number;
}

/** Steps of a shrunk trace: for what a message or one transfer shows; a save that is loaded; and one that is saved again. */
const STEPS = 8;
const LOAD: Row = { steps: 15 };
const AGAIN: Row = { steps: 21 };
const LOAD_FAILS = ['check.value', 'channel.any-kind', 'outcome.retry'] as const;
/** A malformed message that ends the process by a signal is a crash, which is the graver word. */
const crash: Row = { process: true, also: ['robust.no-crash'], executions: 60 };
/** Nothing comes any more, or something is held: each execution waits for it. */
const waits: Row = { executions: 60 };

const BEGIN = `
  - {call: GET_FEATURES}
  - {call: GET_PROTOCOL_FEATURES}
  - {send: SET_PROTOCOL_FEATURES, with: {value: offered}}`;

const rows: Partial<Record<FaultName, Row>> = {
  // A message that needs a feature is refused, or not acknowledged: which feature word was not heard cannot be seen.
  'protocol-features-ignored-early': {
    ...waits,
    also: ['reply-ack.answer', 'channel.any-kind', 'set.reply-error-bits'],
  },
  // That something is missing is seen when what was saved is loaded.
  'save-cut': { ...LOAD, also: LOAD_FAILS },
  'save-stops-when-full': { ...LOAD, also: [...LOAD_FAILS, 'check.truth-save', 'outcome.state-equal'] },
  // Whoever writes where he should read finds a channel that he cannot use, or waits for what never comes.
  'direction-swapped': { also: [...LOAD_FAILS, 'channel.save-eof', 'channel.load-to-eof'] },
  // Of all bytes that are wrong, one that was damaged is the only thing that this is about.
  'check-damaged-good': { ...LOAD, also: ['check.integrity'] },
  'check-truncated-good': LOAD,
  'check-load-bad': LOAD,
  'load-one-read': LOAD,
  'load-64k': LOAD,
  'load-ends-when-empty': LOAD,
  'bad-load-applies': LOAD,
  'bad-load-sticks': AGAIN,
  'load-does-nothing': AGAIN,
  'load-loses-config': AGAIN,
  'load-loses-identity': AGAIN,
  'load-counts': AGAIN,
  'one-direction': LOAD,
  'one-abandoned-save': { steps: 9 },
  'abandon-resets-config': { steps: 9 },
  // Two connections.
  'reconnect-stale': { fresh: true, steps: 16 },
  'ack-missing': waits,
  'unknown-unanswered': waits,
  'fragments-dropped': waits,
  'deaf-in-transfer': waits,
  'deaf-after-refusal': waits,
  'save-no-eof': waits,
  'save-keeps-duplicate': waits,
  'check-silent': waits,
  'stop-notifies-late': waits,
  'suspended-call-late': waits,
  'leak-refused-channel': waits,
  'leak-loaded-channel': waits,
  'leak-malformed': waits,
  'leak-replaced-kick': { ...waits, steps: 12 },
  'leak-on-disconnect': waits,
  // Three transfers.
  'leak-thread': { process: true, steps: 20, executions: 60 },
  'leak-memory': { process: true, fresh: true, steps: 24 },
  // Each execution waits for the end that does not come.
  'ignores-sigterm': { process: true, fresh: true, executions: 15 },
  'unknown-kills': crash,
  'early-close-kills': crash,
  'bad-size-kills': crash,
  'many-descriptors-kill': crash,
  'oversize-kills': crash,
  'lone-check-kills': crash,
  'empty-load-kills': crash,
  'disconnect-kills': crash,
  // A process that never rests shows only while we linger, which costs time, so that traces do it rarely.
  spin: {
    process: true,
    stored: `${BEGIN}
  - {open: pipe1, kind: pipe}
  - {call: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [pipe1.w], channel: pipe1.r}
  - {close: pipe1.w}
  - {read: pipe1.r, into: state1}
  - {call: CHECK_DEVICE_STATE}
  - {linger: 200}`,
  },
  // Far more than a state: a stream of 160 MiB is not for every campaign.
  'load-kept': {
    process: true,
    steps: 10,
    executions: 6,
    stored: `${BEGIN}
  - {open: pipe1, kind: pipe}
  - {call: SET_DEVICE_STATE_FD, with: {direction: 1, phase: 0}, fds: [pipe1.r], channel: pipe1.w}
  - {close: pipe1.r}
  - {write: pipe1.w, pattern: 167772160}
  - {close: pipe1.w}
  - {call: CHECK_DEVICE_STATE}`,
  },
};

/** Traces that are tried, of each mood in turn, of these lengths in turn: what shows in a short one is shrunk soon. */
const MOST = 900;
const LENGTHS = [12, 24, 40] as const;
const EXECUTIONS = { here: 150, process: 30 };
/** How long a due answer is waited for: in haste while there is much to be tried, with patience when it counts. */
const HASTE_MS = { here: 80, process: 200 };
const PATIENCE_MS = 400;
/** Within which each of them has to be found and shrunk. */
const LIMIT_MS = 60_000;

type Named = readonly [FaultName, Fault];
const table = Object.entries(faults) as unknown as readonly Named[];

let workDir: string;
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-faults-'));
});
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

const open = (args: string[], { process = false, fresh = false }: Row): Promise<Target> =>
  openTarget(
    { kind: 'builtin', name: 'reference', args },
    { reuse: !fresh, spares: process ? 1 : 0, workDir, inProcess: !process },
  );

async function run(trace: Trace, target: Target, deadlineMs: number, { fresh = false }: Row): Promise<Judgement> {
  const history = await runTrace(trace, target, { deadlineMs, workDir, reuse: !fresh });
  return judge(trace, history, { variants: {}, comparable: target.comparable });
}

const generated = (number: number): Trace => {
  const mood = moods[number % moods.length]!;
  const maxSteps = LENGTHS[Math.floor(number / moods.length) % LENGTHS.length]!;
  return fc.sample(traces({ profile: referenceProfile, moods: [mood], maxSteps }), { seed: number, numRuns: 1 })[0]!;
};

const storedTrace = (steps: string): Trace =>
  parseTraceFile(`format: vhost-check/trace@1\ntitle: stored\nverdict: pass\nsteps:${steps}\n`, 'stored.yaml').steps;

describe('the clause that a deliberate fault breaks is found by generated traces, and by nothing but the fault', () => {
  it.each(table)('%s', { timeout: LIMIT_MS, retry: 2 }, async (name, { clause }) => {
    const row = rows[name] ?? {};
    const { also = [], stored, steps = STEPS, executions } = row;
    const accepted = [clause, ...also];
    const side = row.process ? 'process' : 'here';
    const right = ({ violations }: Judgement): Violation | undefined =>
      violations.find((violation) => accepted.includes(violation.clause));
    const target = await open(['--fault', name], row);
    try {
      let found: { readonly trace: Trace; readonly violation: Violation; readonly judgement: Judgement } | undefined;
      for (let number = 0; number < MOST && found === undefined; number++) {
        const trace = stored === undefined ? generated(number) : storedTrace(stored);
        const judgement = await run(trace, target, HASTE_MS[side], row);
        const violation = right(judgement);
        // What is seen in haste is seen again with patience, or it was only late.
        if (violation === undefined) continue;
        const sure = right(await run(trace, target, PATIENCE_MS, row));
        if (sure?.signature === violation.signature) found = { trace, violation, judgement };
      }
      expect(found, `${name} does not show`).toBeDefined();
      const { trace, violation, judgement } = found!;
      const shrunk = await shrink(trace, violation.signature, (one) => run(one, target, HASTE_MS[side], row), {
        maxExecutions: executions ?? EXECUTIONS[side],
        shown: judgement,
      });
      expect(shrunk).toBeDefined();
      const { trace: small } = shrunk!;
      expect(small.length, printSteps(small)).toBeLessThanOrEqual(steps);
      const again = await run(small, target, PATIENCE_MS, row);
      expect(right(again)?.signature, printSteps(small)).toBe(violation.signature);
      const healthy = await open([], row);
      try {
        expect((await run(small, healthy, 2 * PATIENCE_MS, row)).violations, printSteps(small)).toEqual([]);
      } finally {
        await healthy.dispose();
      }
    } finally {
      await target.dispose();
    }
  });
});
