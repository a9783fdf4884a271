import { printSteps } from '../../harness/trace/file.js';
import type { CampaignResult, Finding, Level, Progress } from '../finding.js';
import type { Report, Tally } from './reports.js';

/** Of a campaign, with what only a program wants to know. */
export interface Campaign extends CampaignResult {
  readonly stats: CampaignResult['stats'] & {
    /** Violations that showed once and not again, with more time to answer. They are no findings. */
    readonly unconfirmed: number;
  };
}

const order: readonly Level[] = ['must', 'should', 'may', 'robust'];

/** What the workers report, as one. */
export class Collector {
  backend: CampaignResult['backend'] = { name: '', version: '' };
  readonly #findings = new Map<string, Finding>();
  readonly #claimed = new Set<string>();
  readonly #transitions = new Set<string>();
  readonly #clauses: Record<string, number> = {};
  readonly #answers: Record<string, Record<string, number>> = {};
  readonly #seen = new Map<string, number>();
  readonly #shrinking = new Map<number, string>();
  readonly #begin = performance.now();
  #traces = 0;
  #steps = 0;
  #unconfirmed = 0;

  /** Whether a worker may look into a signature: the first that asks may. */
  claim(signature: string): boolean {
    if (this.#claimed.has(signature)) return false;
    this.#claimed.add(signature);
    return true;
  }

  release(signature: string): void {
    this.#claimed.delete(signature);
  }

  add(worker: number, report: Report): void {
    if (report.type === 'ready') this.backend = report.backend;
    else if (report.type === 'finding') this.#keep(report.finding);
    else this.#count(worker, report.tally);
  }

  /** Of two traces for one finding the one that nothing can be taken from, or else the shorter one. */
  #keep(finding: Finding): void {
    const known = this.#findings.get(finding.signature);
    const worse =
      known !== undefined &&
      (known.minimal !== finding.minimal ? known.minimal : known.trace.length < finding.trace.length);
    if (!worse) this.#findings.set(finding.signature, finding);
  }

  #count(worker: number, tally: Tally): void {
    this.#traces += tally.traces;
    this.#steps += tally.steps;
    this.#unconfirmed += tally.unconfirmed;
    for (const transition of tally.transitions) this.#transitions.add(transition);
    addTo(this.#clauses, tally.clauses);
    for (const [question, answers] of Object.entries(tally.answers)) {
      this.#answers[question] ??= {};
      addTo(this.#answers[question], answers);
    }
    for (const [signature, times] of Object.entries(tally.seen)) {
      this.#seen.set(signature, (this.#seen.get(signature) ?? 0) + times);
    }
    if (tally.shrinking === undefined) this.#shrinking.delete(worker);
    else this.#shrinking.set(worker, tally.shrinking);
  }

  progress(): Progress {
    const [shrinking] = this.#shrinking.values();
    return {
      traces: this.#traces,
      steps: this.#steps,
      seconds: this.#seconds(),
      transitions: this.#transitions.size,
      findings: this.#findings.size,
      ...(shrinking === undefined ? {} : { shrinking }),
    };
  }

  result(seed: number, interrupted: boolean): Campaign {
    const seconds = this.#seconds();
    return {
      backend: this.backend,
      seed,
      findings: this.#sorted(),
      coverage: { transitions: this.#transitions.size, clauses: this.#clauses, answers: this.#answers },
      stats: {
        traces: this.#traces,
        steps: this.#steps,
        seconds,
        stepsPerSecond: seconds > 0 ? this.#steps / seconds : 0,
        interrupted,
        unconfirmed: this.#unconfirmed,
      },
    };
  }

  #seconds(): number {
    return (performance.now() - this.#begin) / 1_000;
  }

  /** What matters most first, then what is read fastest. Two that became the same trace are one. */
  #sorted(): Finding[] {
    const merged = new Map<string, Finding>();
    for (const finding of this.#findings.values()) {
      const key = `${finding.clause}\n${printSteps(finding.trace)}`;
      const counted = { ...finding, seen: Math.max(1, this.#seen.get(finding.signature) ?? 0) };
      const same = merged.get(key);
      merged.set(key, same === undefined ? counted : { ...same, seen: same.seen + counted.seen });
    }
    return [...merged.values()].sort(
      (a, b) =>
        order.indexOf(a.level) - order.indexOf(b.level) ||
        a.trace.length - b.trace.length ||
        (a.signature < b.signature ? -1 : 1),
    );
  }
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}
