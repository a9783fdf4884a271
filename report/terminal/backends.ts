import { shellQuote } from '../command-line.js';
import type { BackendsDocument } from '../json.js';
import type { Style } from '../style.js';
import { columns } from '../text.js';

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
