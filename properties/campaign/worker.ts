import type { Trace } from '../../harness/trace/step.js';
import type { Finding, Judgement, Violation } from '../finding.js';
import { confirm, type Sighting } from './confirm.js';
import { hunt, unshrunk } from './hunt.js';
import type { How, Lab, OpenLab, Outcome } from './lab.js';
import { campaignLimits as limits } from './limits.js';
import type { WorkerOptions } from './options.js';
import { failsOtherwise } from './otherwise.js';
import { emptyTally, type Hooks } from './reports.js';
import { Turns } from './turns.js';

/**
 * One worker of a campaign: makes traces, runs and judges them, and shrinks what it finds. Reports as it goes, and returns
 * when its share is done, its time is over, or the signal says so.
 * @throws UserError where the back-end cannot be started; Error for what is wrong with us
 */
export async function runWorker(options: WorkerOptions, hooks: Hooks, open: OpenLab): Promise<void> {
  const lab = await open(options);
  try {
    hooks.tell({ type: 'ready', backend: lab.backend });
    await new Worker(options, hooks, lab).work();
  } finally {
    await lab.close();
  }
}

type Task = 'generate' | 'shrink';

/** A violation that is to be shrunk, or shrunk further. */
interface Waiting {
  readonly sighting: Sighting;
  /** How often it had a turn, and what that took. */
  readonly turns: number;
  readonly executions: number;
}

class Worker {
  readonly #turns = new Turns<Task>();
  /** Signatures that are taken care of, here or elsewhere. */
  readonly #known = new Set<string>();
  /** Signatures that did not show again, with how many times that was so. */
  readonly #doubtful = new Map<string, number>();
  readonly #transitions = new Set<string>();
  /** Findings by clause, whether shrunk or not. */
  readonly #perClause = new Map<string, number>();
  /** Confirmed, and waiting to be shrunk. */
  readonly #queue: Waiting[] = [];
  /** The shortest trace that showed a signature beside the one that was taken up. */
  readonly #others = new Map<string, Sighting>();
  #shrinking: Promise<void> | undefined;
  #failure: unknown;
  #tally = emptyTally();
  readonly #until: number;

  constructor(
    private readonly options: WorkerOptions,
    private readonly hooks: Hooks,
    private readonly lab: Lab,
  ) {
    this.#until = performance.now() + (options.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  }

  async work(): Promise<void> {
    const reporting = setInterval(() => this.#report(), limits.reportMs);
    try {
      await this.#generate();
      await this.#shrinking;
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      clearInterval(reporting);
      this.#report();
    }
  }

  async #generate(): Promise<void> {
    const { index, jobs, runs = Number.POSITIVE_INFINITY, seconds } = this.options;
    for (let number = index; number < runs && !this.#over(); number += jobs) {
      const trace = this.lab.generate(number);
      const outcome = await this.#run('generate', trace);
      this.#count(outcome.judgement);
      await this.#look(trace, outcome);
      // Without a limit of time the order of all runs is always the same, and so are the traces.
      if (seconds === undefined) await this.#shrinking;
    }
  }

  #run(task: Task, trace: Trace, how?: How): Promise<Outcome> {
    this.#tally.steps += trace.length;
    return this.#turns.run(task, () => this.lab.run(trace, how));
  }

  /** No more traces are made. */
  #over(): boolean {
    return this.hooks.signal.aborted || this.#failure !== undefined || performance.now() >= this.#until;
  }

  readonly #stopShrinking = (): boolean =>
    this.hooks.signal.aborted || performance.now() >= this.#until + limits.shrinkGraceMs;

  #count(judgement: Judgement): void {
    this.lab.learn(judgement);
    const tally = this.#tally;
    tally.traces++;
    for (const transition of judgement.transitions) {
      if (this.#transitions.has(transition)) continue;
      this.#transitions.add(transition);
      tally.transitions.push(transition);
    }
    for (const clause of Object.keys(judgement.reached)) tally.clauses[clause] = (tally.clauses[clause] ?? 0) + 1;
    for (const [question, answer] of Object.entries(judgement.answers)) {
      tally.answers[question] ??= {};
      const answers = tally.answers[question];
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  }

  /** What a generated trace showed. */
  async #look(trace: Trace, outcome: Outcome): Promise<void> {
    const wanted = this.#wanted(outcome.judgement);
    // The session that shows a violation is judged no further: the last transition is the one that led to it.
    const last = outcome.judgement.transitions.at(-1);
    if (wanted.length > 0 && last !== undefined) this.lab.avoid(last);
    for (const violation of wanted) {
      this.#tally.seen[violation.signature] = (this.#tally.seen[violation.signature] ?? 0) + 1;
      const sighting: Sighting = { trace, violation, outcome, originalSteps: trace.length };
      if (this.#known.has(violation.signature)) this.#keepShortest(sighting);
      await this.#takeUp(sighting, 'generate');
      await this.#beginShorter(sighting);
    }
  }

  #keepShortest(sighting: Sighting): void {
    const { signature, step } = sighting.violation;
    const known = this.#others.get(signature);
    if (known === undefined || step < known.violation.step) this.#others.set(signature, sighting);
  }

  /** What waits to be shrunk may as well begin from a trace that is much shorter. */
  async #beginShorter(sighting: Sighting): Promise<void> {
    const { signature, step } = sighting.violation;
    const at = this.#queue.findIndex(({ sighting: { violation } }) => violation.signature === signature);
    const waiting = this.#queue[at];
    if (waiting === undefined || (step + 1) * limits.muchShorter > waiting.sighting.trace.length) return;
    const confirmed = await confirm(sighting, (trace, how) => this.#run('generate', trace, how), this.#stopShrinking);
    // Its turn may have come meanwhile.
    if (confirmed !== undefined && this.#queue[at] === waiting) this.#queue[at] = { ...waiting, sighting: confirmed };
  }

  /** Violations that the campaign is about, one of each signature. */
  #wanted({ violations }: Judgement): Violation[] {
    const { levels, clauses } = this.options;
    const wanted = violations.filter(
      ({ level, clause }) => levels.includes(level) && (clauses === undefined || clauses.includes(clause)),
    );
    return [...new Map(wanted.reverse().map((violation) => [violation.signature, violation])).values()].reverse();
  }

  /** Confirm it, and have it shrunk, unless it is known. */
  async #takeUp(sighting: Sighting, task: Task): Promise<void> {
    const { signature, clause } = sighting.violation;
    const doubts = this.#doubtful.get(signature) ?? 0;
    if (this.#known.has(signature) || doubts >= limits.confirmAttempts) return;
    this.#known.add(signature);
    if (!(await this.hooks.claim(signature))) {
      // Another worker looks into it; should that come to nothing, the next sighting here counts.
      this.#known.delete(signature);
      return;
    }
    const run: Lab['run'] = (trace, how) => this.#run(task, trace, how);
    const other = await failsOtherwise(sighting, run);
    if (other !== undefined) {
      this.#known.delete(signature);
      this.hooks.release(signature);
      return this.#takeUp(other, task);
    }
    const confirmed = await confirm(sighting, run, this.#stopShrinking);
    if (confirmed === undefined) {
      this.#known.delete(signature);
      this.#doubtful.set(signature, doubts + 1);
      this.#tally.unconfirmed++;
      this.hooks.release(signature);
      return;
    }
    this.#perClause.set(clause, (this.#perClause.get(clause) ?? 0) + 1);
    this.#tell(unshrunk(confirmed, this.lab.deadlineMs));
    this.#queue.push({ sighting: confirmed, turns: 0, executions: 0 });
    this.#shrinking ??= this.#shrinkAll();
  }

  async #shrinkAll(): Promise<void> {
    const shrunk = new Map<string, number>();
    const times = ({ sighting }: Waiting) => shrunk.get(sighting.violation.clause) ?? 0;
    try {
      // The promise of this call must be stored before the call can end.
      await undefined;
      while (this.#queue.length > 0 && !this.#stopShrinking()) {
        // Whoever had no turn goes first, and of those a clause that has no finding yet.
        const [next] = this.#queue.toSorted((a, b) => a.turns - b.turns || times(a) - times(b)) as [Waiting];
        this.#queue.splice(this.#queue.indexOf(next), 1);
        const before = times(next);
        if (next.turns === 0) shrunk.set(next.sighting.violation.clause, before + 1);
        await this.#shrink(next, before);
      }
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#shrinking = undefined;
    }
  }

  async #shrink({ sighting, turns, executions }: Waiting, before: number): Promise<void> {
    const { maxShrinkExecutions } = this.options;
    const share = Math.floor(maxShrinkExecutions / (1 + Math.floor(before / limits.generousFindings)));
    const most = Math.min(maxShrinkExecutions, Math.max(share, limits.leastShrinkExecutions)) - executions;
    const turnOver = performance.now() + this.#turnMs();
    this.#tally.shrinking = sighting.violation.signature;
    const { finding, smallest, others } = await hunt(
      sighting,
      this.lab,
      (trace, how) => this.#run('shrink', trace, how),
      { maxExecutions: most, stop: () => this.#stopShrinking() || performance.now() >= turnOver },
    );
    delete this.#tally.shrinking;
    const spent = executions + finding.executions;
    this.#tell({ ...finding, executions: spent });
    // Its turn was over before it was done.
    if (!finding.minimal && finding.executions > 0 && finding.executions < most)
      this.#queue.push({ sighting: smallest, turns: turns + 1, executions: spent });
    else if (!finding.minimal) await this.#beginElsewhere(sighting.violation.signature, turns + 1);
    await this.#metOnTheWay(others);
  }

  /** A trace that seldom shows it is hard to shrink: another one may show it always. */
  async #beginElsewhere(signature: string, turns: number): Promise<void> {
    const other = this.#others.get(signature);
    if (other === undefined || turns > limits.beginnings || this.#stopShrinking()) return;
    this.#others.delete(signature);
    const confirmed = await confirm(other, (trace, how) => this.#run('shrink', trace, how), this.#stopShrinking);
    if (confirmed !== undefined) this.#queue.push({ sighting: confirmed, turns, executions: 0 });
  }

  /** How long one turn of shrinking may be, so that all that wait get one before the time is over. */
  #turnMs(): number {
    const left = this.#until + limits.shrinkGraceMs - performance.now();
    return Math.max(limits.shrinkTurnMs, left / (this.#queue.length + 1));
  }

  async #metOnTheWay(others: readonly Sighting[]): Promise<void> {
    for (const other of others) {
      if (this.#stopShrinking()) return;
      if (this.#wanted({ ...other.outcome.judgement, violations: [other.violation] }).length === 0) continue;
      if ((this.#perClause.get(other.violation.clause) ?? 0) >= limits.metOnTheWay) continue;
      await this.#takeUp(other, 'shrink');
    }
  }

  #tell(finding: Finding): void {
    this.hooks.tell({ type: 'finding', finding });
  }

  #report(): void {
    const { shrinking } = this.#tally;
    this.hooks.tell({ type: 'tally', tally: this.#tally });
    this.#tally = { ...emptyTally(), ...(shrinking === undefined ? {} : { shrinking }) };
  }
}
