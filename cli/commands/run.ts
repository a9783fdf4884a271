import { buildCommand } from '@stricli/core';
import type { Context } from '../context.js';
import { jsonFlag } from '../options/json.js';
import { type JudgeFlags, judgeFlags } from '../options/judge.js';
import { outFlag } from '../options/out.js';
import { type TargetFlags, targetFlags } from '../options/target.js';
import { duration, text, whole } from '../parse.js';

export const moods = ['lawful', 'open', 'hostile'] as const;

export interface RunFlags extends TargetFlags, JudgeFlags {
  readonly runs?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly jobs?: number;
  readonly clause?: readonly string[];
  readonly mood?: readonly (typeof moods)[number][];
  readonly reuse?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

export const run = buildCommand<RunFlags, [], Context>({
  loader: async () => (await import('./run-action.js')).runAction,
  parameters: {
    flags: {
      ...targetFlags,
      runs: {
        kind: 'parsed',
        parse: whole(1, 1_000_000_000),
        optional: true,
        placeholder: 'N',
        brief: 'End after this many traces',
      },
      time: {
        kind: 'parsed',
        parse: duration,
        optional: true,
        placeholder: 'TIME',
        brief:
          'Make traces for this time: 60s, 2m, 1h; shrinking may take a minute more [60s where --runs is not given either]',
      },
      seed: {
        kind: 'parsed',
        parse: whole(0, 2 ** 31 - 1),
        optional: true,
        placeholder: 'S',
        brief: 'Seed of the generator [a new one each time; the summary tells it]',
      },
      jobs: {
        kind: 'parsed',
        parse: whole(1, 256),
        optional: true,
        placeholder: 'J',
        brief: 'Worker processes [one for each processor]',
      },
      ...judgeFlags,
      clause: {
        kind: 'parsed',
        parse: text,
        optional: true,
        variadic: ',',
        placeholder: 'ID',
        brief: 'Only findings on these clauses; may be repeated',
      },
      mood: {
        kind: 'enum',
        values: moods,
        optional: true,
        variadic: ',',
        brief: 'Kinds of traces to make: lawful, open (only what the source leaves open), hostile [all]',
      },
      reuse: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Keep a back-end process for the next trace as long as nothing is suspicious',
      },
      out: outFlag,
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Look for violations: a campaign of generated traces',
    customUsage: ['[options]', '[options] --backend NAME', '[options] -- COMMAND --socket={socket} …'],
    fullDescription: [
      'Starts the back-end, drives it with traces made from the model, shrinks every violation and stores it under --out.',
      'Without a back-end it tests the reference that comes with vhost-check. A command needs {socket} in its arguments.',
      '',
      'Exit status: 0 nothing found, 1 findings, 2 an error of usage or environment.',
      'An interrupt (Ctrl-C) ends it with what was found so far; a second one at once.',
      '',
      'Example:',
      '  vhost-check run --backend virtiofsd --time 60s',
      '  vhost-check run --level must --seed 7 -- ./my-backend --socket-path={socket}',
    ].join('\n'),
  },
});
