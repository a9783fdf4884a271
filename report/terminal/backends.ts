import { shellQuote } from '../command-line.js';
import type { BackendsDocument, FaultsDocument } from '../json.js';
import type { Style } from '../style.js';
import { columns, count } from '../text.js';

/** A line a back-end: its name, version, where it comes from, and how it is started or to be had. */
export function backendsText(document: BackendsDocument, style: Style): string {
  const rows = document.backends.map((backend) => [
    backend.name,
    backend.version || '-',
    backend.origin,
    backend.available
      ? backend.command.map(shellQuote).join(' ') || '(in this program)'
      : `not here: ${backend.hint ?? ''}`,
  ]);
  const [head, ...lines] = columns([['NAME', 'VERSION', 'ORIGIN', 'COMMAND'], ...rows]);
  const table = lines.map((line, i) => (document.backends[i]?.available ? line : style.faint(line)));
  return `${[style.strong(head ?? ''), ...table].join('\n')}\n`;
}

/** A line a fault: its name, the clause that it breaks, what is wrong, and when it shows. */
export function faultsText(document: FaultsDocument, style: Style): string {
  const rows = document.faults.map((fault) => [fault.name, fault.clause, `${fault.text} (on ${fault.when})`]);
  const [head, ...lines] = columns([['FAULT', 'CLAUSE', 'WHAT'], ...rows]);
  return `${[style.strong(head ?? ''), ...lines, '', count(rows.length, 'fault')].join('\n')}\n`;
}
