import { printStep } from '../../harness/trace/file.js';
import type { Finding } from '../../properties/finding.js';
import type { Style } from '../style.js';
import { count, harmless, wrap } from '../text.js';
import type { Wording } from '../wording.js';

const WIDTH = 100;
const LABEL = 10;

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
    `${style.strong(`${number}. ${finding.clause}`)}  ${style.bad(finding.level)}  ${style.faint(`shows in ${k} of ${n} runs`)}`,
  ];
  if (clause !== undefined) lines.push(...wrap(clause.text, WIDTH - 3).map((line) => `   ${line}`));
  lines.push('');
  if (clause !== undefined) lines.push(...labelled('section', [clause.section]));
  lines.push(...labelled('expected', finding.expected.length === 0 ? ['nothing'] : finding.expected));
  lines.push(...labelled('seen', [finding.observed]).map((line) => style.bad(line)));
  lines.push('', ...traceLines(finding, style), '');
  if (finding.stderr) {
    lines.push(...labelled('stderr', harmless(finding.stderr).trimEnd().split('\n'), Number.POSITIVE_INFINITY));
  }
  lines.push(
    ...labelled('origin', [
      `${count(finding.seen, 'trace')} showed it; shortened from ${count(finding.originalSteps, 'step')} to ` +
        `${finding.trace.length} in ${count(finding.executions, 'run')}`,
    ]),
  );
  if (finding.file !== undefined) lines.push(...labelled('file', [finding.file], Number.POSITIVE_INFINITY));
  if (view.replay !== undefined) lines.push(...labelled('replay', [view.replay], Number.POSITIVE_INFINITY));
  return lines.join('\n');
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
