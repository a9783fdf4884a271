import { buildCommand } from '@stricli/core';
import type { Context } from '../context.js';
import { jsonFlag } from '../options/json.js';
import { type JudgeFlags, judgeFlags } from '../options/judge.js';
import { type TargetFlags, targetFlags } from '../options/target.js';
import { text, whole } from '../parse.js';

export interface ReplayFlags extends TargetFlags, JudgeFlags {
  readonly runs?: number;
  readonly expect?: boolean;
  readonly json?: boolean;
}

export const replay = buildCommand<ReplayFlags, string[], Context>({
  loader: async () => (await import('./replay-action.js')).replayAction,
  parameters: {
    flags: {
      ...targetFlags,
      runs: {
        kind: 'parsed',
        parse: whole(1, 100_000),
        optional: true,
        placeholder: 'N',
        brief: 'Runs of each trace [as many as the file says of its violation; one where the trace should pass]',
      },
      expect: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Succeed when each file shows what its header says, violations included',
      },
      ...judgeFlags,
      json: jsonFlag,
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: text, placeholder: 'FILE', brief: 'Trace files, or directories of them' },
    },
  },
  docs: {
    brief: 'Run stored traces',
    customUsage: [
      '[options] FILE…',
      '[options] --backend NAME FILE…',
      '[options] FILE… -- COMMAND --socket={socket} …',
    ],
    fullDescription: [
      'Runs each trace, on the back-end that is chosen or else on the built-in one that the file was recorded on,',
      'and says whether its violation shows again.',
      '',
      'Exit status: 0 every trace passes, 1 a stored violation shows again or a new one does, 2 an error of usage or environment.',
      'With --expect: 0 each file shows what its header says, 1 one does not.',
      '',
      'Example:',
      '  vhost-check replay vhost-check-out/found --backend virtiofsd@sid',
      '  vhost-check replay --expect corpus',
    ].join('\n'),
  },
});
