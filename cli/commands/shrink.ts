import { buildCommand } from '@stricli/core';
import type { Context } from '../context.js';
import { jsonFlag } from '../options/json.js';
import { type JudgeFlags, judgeFlags } from '../options/judge.js';
import { outFlag } from '../options/out.js';
import { type TargetFlags, targetFlags } from '../options/target.js';
import { text, whole } from '../parse.js';

export interface ShrinkFlags extends TargetFlags, JudgeFlags {
  readonly runs: number;
  readonly maxRuns: number;
  readonly out: string;
  readonly json?: boolean;
}

export const shrink = buildCommand<ShrinkFlags, [string], Context>({
  loader: async () => (await import('./shrink-action.js')).shrinkAction,
  parameters: {
    flags: {
      ...targetFlags,
      runs: {
        kind: 'parsed',
        parse: whole(1, 10_000),
        default: '10',
        placeholder: 'N',
        brief: 'Runs of the result that tell how reliably it shows the violation',
      },
      maxRuns: {
        kind: 'parsed',
        parse: whole(1, 10_000_000),
        default: '2000',
        placeholder: 'N',
        brief: 'Runs of the back-end at most',
      },
      ...judgeFlags,
      out: outFlag,
      json: jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: text, placeholder: 'FILE', brief: 'Trace file' }],
    },
  },
  docs: {
    brief: 'Make a stored trace as short as its violation allows',
    customUsage: ['[options] FILE', '[options] --backend NAME FILE', '[options] FILE -- COMMAND --socket={socket} …'],
    fullDescription: [
      'Takes steps out of a trace, and simplifies those that stay, as long as it shows the same violation: the one that',
      'its header names, or else the first that it shows. The result is stored under --out; the file itself stays as it is.',
      '',
      'Exit status: 0 the trace shows no violation, 1 it does and the result is stored, 2 an error of usage or environment.',
      '',
      'Example:',
      '  vhost-check shrink long.yaml --backend passt',
    ].join('\n'),
  },
});
