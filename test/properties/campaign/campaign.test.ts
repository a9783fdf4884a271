import { describe, expect, it } from 'vitest';
import { UserError } from '../../../harness/index.js';
import { printSteps } from '../../../harness/trace/file.js';
import { runCampaign } from '../../../properties/campaign/campaign.js';
import type { Progress } from '../../../properties/finding.js';
import { coin, inOrder, message, violation } from '../shrink/fake.js';
import { type Back, fakeLab, history, options } from './support.js';

const clean: Back = () => ({ violations: [] });
const showing =
  (signature: string, ...numbers: number[]): Back =>
  (trace) => {
    const step = inOrder(...numbers)(trace);
    return { violations: step === undefined ? [] : [violation(signature, step)] };
  };

describe('runCampaign', () => {
  it('runs exactly so many traces, whatever the number of workers', async () => {
    for (const [runs, jobs] of [
      [0, 1],
      [1, 3],
      [7, 3],
      [10, 2],
    ] as const) {
      const { open, seen } = fakeLab(clean);
      const result = await runCampaign(options({ runs, jobs }), open);
      expect(result.stats.traces).toBe(runs);
      expect(new Set(seen.generated.map((trace) => printSteps(trace.slice(10, 11)))).size).toBe(runs);
      expect(result.stats.steps).toBe(runs * 12);
      expect(seen.opened).toBe(Math.max(1, Math.min(runs, jobs)));
      expect(seen.closed).toBe(seen.opened);
    }
  });

  it('says what was tested, and what it cost', async () => {
    const { open } = fakeLab(clean);
    const result = await runCampaign(options({ runs: 3 }), open);
    expect(result).toMatchObject({
      backend: { name: 'fake', version: '1' },
      seed: 7,
      findings: [],
      coverage: { transitions: 1, clauses: {}, answers: {} },
      stats: { interrupted: false, unconfirmed: 0 },
    });
  });

  it('shrinks what it finds, once, and counts how often it was seen', async () => {
    const { open, seen } = fakeLab(showing('x', 2, 7));
    const { findings } = await runCampaign(options({ runs: 6 }), open);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      signature: 'x',
      step: 1,
      trace: [message(2), message(7)],
      reproduces: { k: 5, n: 5 },
      originalSteps: 12,
      seen: 6,
      deadlineMs: 10,
    });
    expect(findings[0]!.executions).toBeLessThan(seen.runs);
    expect(new Set(seen.avoided)).toEqual(new Set(['idle|12']));
  });

  it('does not shrink in two workers what is one', async () => {
    const { open, seen } = fakeLab(showing('x', 2, 7));
    const one = await runCampaign(options({ runs: 8, jobs: 4 }), open);
    expect(one.findings).toHaveLength(1);
    expect(one.findings[0]?.seen).toBe(8);
    // 8 traces, 1 confirmation, what the one shrinking took, and 5 to see how often the result shows.
    expect(seen.runs).toBe(8 + 1 + one.findings[0]!.executions + 5);
  });

  it('makes the same traces from the same seed, also where it finds and shrinks', async () => {
    const run = async (seed: number) => {
      const { open, seen } = fakeLab(showing('x', 1_004));
      await runCampaign(options({ runs: 12, seed }), open);
      return seen.generated.map((trace) => printSteps(trace));
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  it('looks only at the levels and clauses that are asked for', async () => {
    const back: Back = () => ({
      violations: [violation('a', 0), { ...violation('b', 0), level: 'may' }, violation('c', 0)],
    });
    const { open } = fakeLab(back);
    const asked = options({ runs: 2, levels: new Set(['must'] as const), clauses: ['b', 'c'] });
    const { findings } = await runCampaign(asked, open);
    expect(findings.map(({ signature }) => signature)).toEqual(['c']);
  });

  it('puts what matters most first, then what is short', async () => {
    const back: Back = (trace) => ({
      violations: [
        ...(inOrder(1)(trace) === undefined ? [] : [{ ...violation('r', 0), level: 'robust' as const }]),
        ...(inOrder(1, 2, 3)(trace) === undefined ? [] : [violation('m3', 0)]),
        ...(inOrder(1, 2)(trace) === undefined ? [] : [violation('m2', 0)]),
        ...(inOrder(5)(trace) === undefined ? [] : [{ ...violation('s', 0), level: 'should' as const }]),
      ],
    });
    const { findings } = await runCampaign(options({ runs: 2 }), fakeLab(back).open);
    expect(findings.map(({ signature }) => signature)).toEqual(['m2', 'm3', 's', 'r']);
  });

  it('makes one of two findings of a clause that shrink to the same trace', async () => {
    const back: Back = (trace) => {
      const at = inOrder(4)(trace);
      const signature = trace.length % 2 === 0 ? 'even' : 'odd';
      return { violations: at === undefined ? [] : [{ ...violation(signature, at), clause: 'c' }] };
    };
    // Both end at message 4 and one more, whichever that is: of one length there is one trace only.
    const both: Back = (trace) => {
      const at = inOrder(4)(trace);
      return {
        violations: at === undefined ? [] : ['p', 'q'].map((s) => ({ ...violation(s, at), clause: 'c' })),
      };
    };
    expect((await runCampaign(options({ runs: 2 }), fakeLab(both).open)).findings).toMatchObject([
      { trace: [message(4)], seen: 4 },
    ]);
    expect((await runCampaign(options({ runs: 2 }), fakeLab(back).open)).findings).toHaveLength(2);
  });

  it('reports what shrinking meets on the way', async () => {
    // Without message 0 something else breaks.
    const back: Back = (trace) => ({
      violations: [
        ...(inOrder(0)(trace) === undefined ? [violation('other', 0)] : []),
        ...(inOrder(0, 5)(trace) === undefined ? [] : [violation('x', inOrder(0, 5)(trace)!)]),
      ],
    });
    const { findings } = await runCampaign(options({ runs: 1 }), fakeLab(back).open);
    expect(findings.map(({ signature }) => signature)).toEqual(['other', 'x']);
  });

  it('drops what does not show again when one waits longer', async () => {
    const quiet: Back = (trace, patience) => {
      const at = inOrder(6)(trace)!;
      const shows = at !== undefined && patience < 4;
      return {
        violations: shows ? [violation('slow', at)] : [],
        history: history(shows ? [{ type: 'quiet', waitedMs: 10, step: at, us: 0, on: 'a' }] : []),
      };
    };
    const { open, seen } = fakeLab(quiet);
    const result = await runCampaign(options({ runs: 8 }), open);
    expect(result.findings).toEqual([]);
    expect(result.stats.unconfirmed).toBe(3);
    // After the third time nobody looks any more.
    expect(seen.runs).toBe(8 + 3 * 5);
  });

  it('shrinks again, with patience, where haste made something else look like it', async () => {
    // In haste a trace without message 9 looks the same; who waits sees that it is not.
    const hung: Back = (trace, patience) => {
      const at = inOrder(...(patience < 1 ? [6] : [6, 9]))(trace);
      return {
        violations: at === undefined ? [] : [violation('hangs', at)],
        history: history(at === undefined ? [] : [{ type: 'quiet', waitedMs: 10, step: at, us: 0, on: 'a' }]),
      };
    };
    const { open } = fakeLab(hung, { deadlineMs: 1_000 });
    const { findings } = await runCampaign(options({ runs: 1 }), open);
    expect(findings).toMatchObject([{ trace: [message(6), message(9)], deadlineMs: 1_000 }]);
  });

  it('keeps what is unreliable and says how much', async () => {
    const flip = coin(5, 0.5);
    const back: Back = (trace) => {
      const at = inOrder(3, 8)(trace);
      return { violations: at !== undefined && flip() ? [violation('x', at)] : [] };
    };
    const { findings } = await runCampaign(options({ runs: 10 }), fakeLab(back).open);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.trace).toHaveLength(2);
    expect(findings[0]?.reproduces.n).toBe(20);
    expect(findings[0]?.reproduces.k).toBeGreaterThan(2);
    expect(findings[0]?.reproduces.k).toBeLessThan(20);
  });

  it('keeps to the number of executions that shrinking may take', async () => {
    const { open } = fakeLab(showing('x', 2, 7));
    const { findings } = await runCampaign(options({ runs: 1, maxShrinkExecutions: 12 }), open);
    expect(findings[0]?.executions).toBeLessThanOrEqual(12);
    expect(findings[0]?.reproduces.k).toBeGreaterThan(0);
  });

  it('goes on making traces while it shrinks, where time is what counts', async () => {
    let shrinking = 0;
    const back: Back = (trace) => {
      if (trace.length < 12) shrinking++;
      const at = inOrder(2, 4, 6, 8)(trace);
      return { violations: at === undefined ? [] : [violation('x', at)] };
    };
    const { open, seen } = fakeLab(back);
    const { stats, findings } = await runCampaign(options({ runs: 1_000_000, seconds: 0.5 }), open);
    expect(findings[0]?.trace).toHaveLength(4);
    expect(shrinking).toBeGreaterThan(20);
    expect(stats.traces).toBeGreaterThan(20);
    expect(stats.seconds).toBeLessThan(5);
    expect(stats.interrupted).toBe(false);
    expect(seen.atOnce).toBe(1);
  });

  it('ends at the signal with what was found, shrunk or not', async () => {
    const stop = new AbortController();
    let runs = 0;
    const back: Back = (trace) => {
      if (++runs === 15) stop.abort();
      return showing('x', 2, 7)(trace, 1);
    };
    const { open, seen } = fakeLab(back);
    const result = await runCampaign(options({ runs: 1_000, signal: stop.signal }), open);
    expect(result.stats.interrupted).toBe(true);
    expect(result.findings).toHaveLength(1);
    expect(inOrder(2, 7)(result.findings[0]!.trace)).toBeDefined();
    expect(result.findings[0]?.reproduces.k).toBeGreaterThan(0);
    expect(seen.runs).toBe(15);
    expect(seen.closed).toBe(1);
  });

  it('ends before the first trace where the signal was there before', async () => {
    const { open, seen } = fakeLab(clean);
    const result = await runCampaign(options({ signal: AbortSignal.abort() }), open);
    expect(result.stats).toMatchObject({ traces: 0, interrupted: true });
    expect(seen.closed).toBe(1);
  });

  it('tells its progress', async () => {
    const told: Progress[] = [];
    const { open } = fakeLab(showing('x', 2));
    await runCampaign(options({ runs: 1_000_000, seconds: 1, onProgress: (now) => told.push(now) }), open);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThan(10);
    expect(told.at(-1)?.traces).toBeGreaterThan(told[0]!.traces);
    expect(told.at(-1)).toMatchObject({ findings: 1, transitions: expect.any(Number) });
  });

  it('passes a mistake of the user on, and ends the other workers', async () => {
    let opened = 0;
    const { open, seen } = fakeLab(clean);
    const broken = async (given: Parameters<typeof open>[0]) => {
      if (++opened === 2) throw new UserError('no such program');
      return open(given);
    };
    const campaign = runCampaign(options({ runs: 1_000_000_000, jobs: 2 }), broken);
    await expect(campaign).rejects.toThrow(UserError);
    expect(seen.closed).toBe(1);
  });

  it('passes an error of shrinking on', async () => {
    const back: Back = (trace) => {
      if (trace.length < 12) throw new Error('broken judge');
      return showing('x', 2)(trace, 1);
    };
    const { open, seen } = fakeLab(back);
    await expect(runCampaign(options({ runs: 5 }), open)).rejects.toThrow('broken judge');
    expect(seen.closed).toBe(1);
  });

  it('shows the last words of a back-end that ended', async () => {
    const sessions = { a: { exit: { code: null, signal: 'SIGABRT' }, stderr: 'one\ntwo\n' } };
    const back: Back = (trace) => ({ ...showing('x', 2)(trace, 1), history: history([], sessions) });
    const { findings } = await runCampaign(options({ runs: 1 }), fakeLab(back).open);
    expect(findings[0]?.stderr).toBe('one\ntwo');
  });
});
