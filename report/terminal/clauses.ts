import type { ClausesDocument } from '../json.js';
import type { Style } from '../style.js';
import { columns, count } from '../text.js';

/** The registry as a table, the open questions with their answers, and the counts. */
export function clausesText(document: ClausesDocument, style: Style): string {
  const header = ['CLAUSE', 'LEVEL', 'SIDE', 'TESTED', 'SECTION', 'TEXT'];
  const rows = document.clauses.map((c) => [c.id, c.level, c.side, tested(c), c.section, c.text]);
  const [head, ...lines] = columns([header, ...rows]);
  const table = lines.map((line, i) => (document.clauses[i]?.judged ? line : style.warn(line)));
  const questions = document.questions.flatMap((q) => [
    `${style.name(q.id)}  ${q.question}`,
    ...columns(q.answers.map((a) => [`   ${a.name}`, a.text])),
  ]);
  const { counts } = document;
  return [
    style.strong(head ?? ''),
    ...table,
    '',
    style.strong('Open questions: any answer is accepted unless --variant pins one'),
    ...questions,
    '',
    `${count(counts.clauses, 'clause')}: ${counts.judged} judged, ${counts.exercised} exercised, ${counts.both} both, ` +
      `${counts.unjudged} that nothing judges`,
    count(document.questions.length, 'open question'),
    '',
  ].join('\n');
}

function tested(clause: { readonly exercised: boolean; readonly judged: boolean }): string {
  if (clause.judged) return clause.exercised ? 'x j' : '- j';
  return clause.exercised ? 'x UNJUDGED' : 'UNJUDGED';
}
