import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.js';
import { jsonFlag } from '../options/json.js';
import { text } from '../parse.js';

export interface ListFlags {
  readonly json?: boolean;
}

export interface InstallFlags {
  readonly suite?: 'trixie' | 'sid';
}

const list = buildCommand<ListFlags, [], Context>({
  loader: async () => (await import('./backends-action.js')).listAction,
  parameters: {
    flags: {
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'List the back-ends that are here, with their versions and how they are started',
    fullDescription: [
      'One line a back-end: its name for --backend, its version, and its command; or what to do to have it.',
      'This is what `vhost-check backends` does by itself.',
      '',
      'Example:',
      '  vhost-check backends list',
    ].join('\n'),
  },
});

const install = buildCommand<InstallFlags, string[], Context>({
  loader: async () => (await import('./backends-action.js')).installAction,
  parameters: {
    flags: {
      suite: {
        kind: 'enum',
        values: ['trixie', 'sid'],
        optional: true,
        brief: 'Suite of Debian to take them from [trixie]',
      },
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: text, placeholder: 'NAME', brief: 'virtiofsd, passt; also with a suite: virtiofsd@sid' },
    },
  },
  docs: {
    brief: "Fetch Debian's packages of back-ends into the cache",
    fullDescription: [
      'Unpacks the packages with their libraries under $XDG_CACHE_HOME/vhost-check (or ~/.cache/vhost-check).',
      'Needs a Debian system with apt-get, no root; the system itself stays as it is.',
      '',
      'Example:',
      '  vhost-check backends install virtiofsd passt --suite sid',
    ].join('\n'),
  },
});

const faults = buildCommand<ListFlags, [], Context>({
  loader: async () => (await import('./backends-action.js')).faultsAction,
  parameters: {
    flags: {
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'List the deliberate faults of the reference back-end',
    fullDescription: [
      'One line a fault: its name for --fault, the clause that it breaks, what is wrong, and when it shows.',
      '',
      'Example:',
      '  vhost-check backends faults',
      '  vhost-check run --fault save-no-eof --time 10s',
    ].join('\n'),
  },
});

export const backends = buildRouteMap({
  routes: { list, install, faults },
  defaultCommand: 'list',
  docs: {
    brief: 'Back-ends that can be tested by name: list, install, faults',
    fullDescription: [
      'Lists the back-ends that are here (also without a command of its own), installs some, or lists the faults that the',
      'reference back-end can be given.',
      '',
      'Example:',
      '  vhost-check backends',
      '  vhost-check backends install virtiofsd passt',
    ].join('\n'),
  },
});
