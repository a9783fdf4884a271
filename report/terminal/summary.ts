import type { Campaign } from '../../properties/index.js';
import type { Style } from '../style.js';
import { columns, count, harmless, wrap } from '../text.js';
import type { Wording } from '../wording.js';
import { findingText, situation } from './finding.js';

/** What the summary of a campaign is made from. */
export interface SummaryView {
  readonly style: Style;
  readonly wording: Wording;
  /** The command that replays finding `index`; undefined where it is not stored. */
  replay(index: number): string | undefined;
}

/** The whole summary of a campaign. Ends with a line that says in one breath what came of it. */
export function summaryText(result: Campaign, view: SummaryView): string {
  const { style } = view;
  const blocks = [
    ...result.findings.map((finding, index) => {
      const { wording } = view;
      const replay = view.replay(index);
      return findingText(index + 1, finding, { style, wording, ...(replay === undefined ? {} : { replay }) });
    }),
    overviewText(result, style),
    answersText(result, view),
    coverageText(result, view),
    lastLines(result, style),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** A line a finding: with many of them the eye needs one place. */
function overviewText({ findings }: Campaign, style: Style): string {
  if (findings.length < 2) return '';
  const rows = findings.map((finding, i) => {
    const { k, n } = finding.reproduces;
    return [`${i + 1}.`, finding.level, finding.clause, `${k}/${n}`, situation(finding)];
  });
  return [style.strong('Findings'), ...indent(columns(rows))].join('\n');
}

/** The open questions that this back-end answered, by what it did. */
function answersText(result: Campaign, { style, wording }: SummaryView): string {
  const rows = wording.questions.flatMap((question) => {
    const answers = Object.entries(result.coverage.answers[question.id] ?? {}).sort((a, b) => b[1] - a[1]);
    return answers.map(([name, traces], i) => [
      i === 0 ? question.id : '',
      name,
      count(traces, 'trace'),
      question.answers.find((answer) => answer.name === name)?.text ?? '',
    ]);
  });
  if (rows.length === 0) return '';
  return [style.strong('Open questions, as this back-end answers them'), ...indent(columns(rows))].join('\n');
}

function coverageText(result: Campaign, { style, wording }: SummaryView): string {
  const reached = [...wording.judged].filter((id) => (result.coverage.clauses[id] ?? 0) > 0);
  const missed = [...wording.judged].filter((id) => !reached.includes(id)).sort();
  const lines = [
    style.strong('Coverage'),
    `   ${reached.length} of ${wording.judged.size} judged clauses reached, ${count(result.coverage.transitions, 'model transition')} taken`,
  ];
  if (missed.length > 0)
    lines.push(...indent(wrap(`not reached: ${missed.join(', ')}`, 97)).map((l) => style.faint(l)));
  return lines.join('\n');
}

function lastLines(result: Campaign, style: Style): string {
  const { traces, steps, seconds, stepsPerSecond, interrupted, unconfirmed } = result.stats;
  const backend = [result.backend.name, result.backend.version].filter((part) => part !== '').join(' ');
  const found = result.findings.length;
  const lines = [
    style.faint(
      `${harmless(backend)}: ${count(traces, 'trace')}, ${count(steps, 'step')} in ${seconds.toFixed(1)} s ` +
        `(${Math.round(stepsPerSecond).toLocaleString('en-US')} a second), seed ${result.seed}`,
    ),
  ];
  if (unconfirmed > 0) {
    lines.push(style.faint(`${count(unconfirmed, 'violation')} showed once and not again: no findings`));
  }
  if (interrupted) lines.push(style.warn('interrupted'));
  lines.push(found === 0 ? style.good('nothing found') : style.bad(count(found, 'finding')));
  return lines.join('\n');
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `   ${line}`);
}
