import { printStep } from '../../harness/trace/file.js';
import type { Finding } from '../../properties/finding.js';
import type { Style } from '../style.js';
import { count, harmless, wrap } from '../text.js';
import type { Wording } from '../wording.js';

const WIDTH = 100;
const LABEL = 10;
const STDERR_LINES = 4;
const STDERR_WIDTH = 160;

/** How one finding is shown. */
export interface FindingView {
  readonly style: Style;
  readonly wording: Wording;
  /** The command that replays it; undefined where it is not stored. */
  readonly replay?: string;
}

/** A finding as a person reads it: what is broken, what was seen, the shortest way there, and how to see it again. */
export function findingText(number: number, finding: Finding, view: FindingView): string {
  const { style, wording } = view;
  const clause = wording.clause(finding.clause);
  const { k, n } = finding.reproduces;
  const lines = [
    `${style.strong(`${number}. ${finding.clause}`)}  ${style.bad(finding.level)}  ${style.faint(`shows in ${k} of ${count(n, 'run')}`)}`,
  ];
  if (clause !== undefined) lines.push(...wrap(clause.text, WIDTH - 3).map((line) => `   ${line}`));
  lines.push('');
  if (clause !== undefined) lines.push(...labelled('section', [clause.section]));
  if (situation(finding) !== '') lines.push(...labelled('when', [situation(finding)]));
  lines.push(...labelled('expected', finding.expected.length === 0 ? ['nothing'] : finding.expected));
  lines.push(...labelled('seen', [finding.observed]).map((line) => style.bad(line)));
  lines.push('', ...traceLines(finding, style), '');
  if (finding.stderr) {
    lines.push(...labelled('stderr', lastLines(finding.stderr), Number.POSITIVE_INFINITY));
  }
  lines.push(...labelled('origin', [`${count(finding.seen, 'trace')} showed it; ${shortening(finding)}`]));
  if (finding.file !== undefined) lines.push(...labelled('file', [finding.file], Number.POSITIVE_INFINITY));
  if (view.replay !== undefined) lines.push(...labelled('replay', [view.replay], Number.POSITIVE_INFINITY));
  return lines.join('\n');
}

/** The part of a signature that tells findings on one clause apart: the kind of step and the state. */
export function situation(finding: Pick<Finding, 'clause' | 'signature'>): string {
  const { clause, signature } = finding;
  return harmless(signature.startsWith(clause) ? signature.slice(clause.length).replace(/^[ |/]+/, '') : signature);
}

function shortening({ originalSteps, trace, executions, minimal }: Finding): string {
  const steps = `from ${count(originalSteps, 'step')} to ${trace.length}`;
  if (executions === 0) return `cut ${steps}, no time was left to shrink it`;
  const done = `shortened ${steps} in ${count(executions, 'run')}`;
  return minimal ? done : `${done}, no time was left for more`;
}

/** The end of what a back-end wrote: its last words are what tells why it ended. */
function lastLines(stderr: string): string[] {
  const lines = stderr.trimEnd().split('\n');
  return lines
    .slice(-STDERR_LINES)
    .map((line) => (line.length > STDERR_WIDTH ? `${line.slice(0, STDERR_WIDTH)}…` : line));
}

/** The trace with an arrow at the step that fails; what shows only after the last step points behind it. */
function traceLines(finding: Finding, style: Style): string[] {
  const last = finding.trace.length;
  const digits = String(last).length;
  const line = (index: number, text: string) => {
    const mark = index === finding.step ? '→' : ' ';
    const whole = `   ${mark} ${String(index + 1).padStart(digits)}  ${text}`;
    return index === finding.step ? style.warn(whole) : whole;
  };
  const lines = finding.trace.map((step, index) => line(index, printStep(step)));
  if (finding.step >= last) {
    lines.push(style.warn(`   → ${' '.repeat(digits)}  after the last step`));
  }
  return lines;
}

/** `label` before the first line, the rest indented to it. */
function labelled(label: string, texts: readonly string[], width = WIDTH - 3 - LABEL): string[] {
  const body = texts.flatMap((text) => (Number.isFinite(width) ? wrap(harmless(text), width) : [harmless(text)]));
  return body.map((text, i) => `   ${(i === 0 ? label : '').padEnd(LABEL)}${text}`);
}
