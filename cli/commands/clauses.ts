import { buildCommand } from '@stricli/core';
import type { Context } from '../context.js';
import { jsonFlag } from '../options/json.js';

export interface ClausesFlags {
  readonly json?: boolean;
}

export const clauses = buildCommand<ClausesFlags, [], Context>({
  loader: async () => (await import('./clauses-action.js')).clausesAction,
  parameters: {
    flags: {
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'List the clauses of the protocol, with what is tested of them, and its open questions',
    fullDescription: [
      'One line a clause: its id, level, who is obliged, whether generated traces exercise it (x) and the judge can fail it (j),',
      'the section that it comes from, and the clause in our words. A clause that nothing judges is marked.',
      '',
      'Example:',
      '  vhost-check clauses',
    ].join('\n'),
  },
});
