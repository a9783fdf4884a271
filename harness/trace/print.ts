import type { Step } from './step.js';
import { blockText, flowText, itemText } from './text.js';
import { FORMAT, type TraceFile } from './trace-file.js';
import { verbs } from './verbs.js';

/** A step in one line, as it stands in a corpus file: `{call: GET_FEATURES, needReply: true}`. */
export function printStep(step: Step): string {
  const [main, ...others] = verbs[step.do];
  const values = step as unknown as Readonly<Record<string, unknown>>;
  const first = values[main];
  // Only `disconnect` and `connect` can go without an argument.
  if (first === undefined) return step.do;
  const rest = others.filter((name) => values[name] !== undefined).map((name) => `, ${name}: ${flow(values[name])}`);
  return `{${step.do}: ${flow(first)}${rest.join('')}}`;
}

/** The text of a corpus file. `parseTraceFile` gives the same file back. */
export function printTraceFile(file: TraceFile): string {
  const lines = [`format: ${FORMAT}`];
  const put = (key: string, text: string | undefined) => {
    if (text !== undefined) lines.push(`${key}: ${text}`);
  };
  const putText = (key: string, text: string | undefined) => put(key, text === undefined ? undefined : blockText(text));
  putText('title', file.title);
  putText('comment', file.comment);
  put('backend', file.backend === undefined ? undefined : flow(file.backend));
  put('verdict', file.verdict);
  putText('clause', file.clause);
  put('level', file.level);
  putText('signature', file.signature);
  if (file.expected !== undefined) {
    put(
      'expected',
      file.expected.length === 0 ? '[]' : `\n${file.expected.map((text) => `  - ${itemText(text)}`).join('\n')}`,
    );
  }
  putText('observed', file.observed);
  put('reproduces', file.reproduces === undefined ? undefined : `${file.reproduces.k}/${file.reproduces.n}`);
  put('deadlineMs', file.deadlineMs?.toString());
  put('variants', file.variants === undefined ? undefined : flow(file.variants));
  put('steps', file.steps.length === 0 ? '[]' : `\n${printSteps(file.steps, file.comments)}`);
  return `${lines.join('\n').replace(/ +$/gm, '')}\n`;
}

/** Steps as they stand under `steps:`, one a line. */
export function printSteps(steps: readonly Step[], comments: Readonly<Record<number, string>> = {}): string {
  return steps
    .map((step, index) => {
      const comment = comments[index];
      return `  - ${printStep(step)}${comment === undefined ? '' : ` # ${comment.replace(/\s+/g, ' ').trim()}`}`;
    })
    .join('\n');
}

function flow(value: unknown): string {
  if (typeof value === 'string') return flowText(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return `{${pairs.map(([key, inner]) => `${flowText(key)}: ${flow(inner)}`).join(', ')}}`;
  }
  return String(value);
}
