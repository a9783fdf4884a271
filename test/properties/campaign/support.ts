import type { History } from '../../../harness/history.js';
import type { Trace } from '../../../harness/trace/step.js';
import type { Lab, OpenLab } from '../../../properties/campaign/lab.js';
import type { CampaignOptions } from '../../../properties/campaign/options.js';
import type { Violation } from '../../../properties/finding.js';
import { coin, judgement, message } from '../shrink/fake.js';

export const history = (events: History['events'] = [], sessions: History['sessions'] = {}): History => ({
  events,
  sessions,
  states: {},
  deadlineMs: 10,
});

/** What a run of a trace shows. `patience` is how many deadlines are waited. */
export type Back = (
  trace: Trace,
  patience: number,
) => { readonly violations: readonly Violation[]; readonly history?: History };

export interface Seen {
  readonly generated: Trace[];
  readonly avoided: string[];
  runs: number;
  opened: number;
  closed: number;
  /** Runs that were under way at the same time, at most. */
  atOnce: number;
}

/** A lab without a back-end. Trace number i has the messages 0 to 9, and i; what was learned shows in the next ones. */
export function fakeLab(back: Back, extra: Partial<Lab> = {}): { open: OpenLab; seen: Seen } {
  const seen: Seen = { generated: [], avoided: [], runs: 0, opened: 0, closed: 0, atOnce: 0 };
  const open: OpenLab = async (options) => {
    seen.opened++;
    let learned = 0;
    let under = 0;
    const flip = coin(options.seed + 1, 0.5);
    return {
      backend: { name: 'fake', version: '1' },
      deadlineMs: 10,
      generate(index) {
        const own = flip() ? message(1_000 + learned) : message(2_000 + learned);
        const trace = [...Array.from({ length: 10 }, (_, i) => message(i)), message(100 + index), own];
        seen.generated.push(trace);
        return trace;
      },
      async run(trace, { patience = 1 } = {}) {
        seen.runs++;
        seen.atOnce = Math.max(seen.atOnce, ++under);
        await new Promise((resolve) => setImmediate(resolve));
        under--;
        const { violations, history: what = history() } = back(trace, patience);
        return { history: what, judgement: { ...judgement(...violations), transitions: [`idle|${trace.length}`] } };
      },
      learn: () => void learned++,
      avoid: (transition) => void seen.avoided.push(transition),
      close: async () => void seen.closed++,
      ...extra,
    };
  };
  return { open, seen };
}

export const options = (changed: Partial<CampaignOptions> = {}): CampaignOptions => ({
  spec: { kind: 'builtin', name: 'reference', args: [] },
  runs: 20,
  seed: 7,
  jobs: 1,
  reuse: false,
  levels: new Set(['must', 'should', 'may', 'robust'] as const),
  variants: {},
  inProcess: true,
  ...changed,
});
