import {
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core';
import { backends } from './commands/backends.js';
import { clauses } from './commands/clauses.js';
import { replay } from './commands/replay.js';
import { run } from './commands/run.js';
import { shrink } from './commands/shrink.js';
import { type Context, Status } from './context.js';
import { errorLine } from './error-line.js';
import { version } from './version.js';

/** The command line: every command with its options. What a command does is loaded when it is called. */
export const app = buildApplication<Context>(
  buildRouteMap({
    routes: { run, replay, shrink, clauses, backends },
    docs: {
      brief: 'Tests the device-state migration of vhost-user back-ends, over real sockets',
      fullDescription: [
        'Tests whether a vhost-user back-end migrates its internal state as the protocol says (SET_DEVICE_STATE_FD,',
        'CHECK_DEVICE_STATE), and hands over the shortest message sequence that shows where it does not.',
        '',
        'Example:',
        '  vhost-check run --time 20s',
        '  vhost-check run --backend virtiofsd --time 1m',
        '  vhost-check run -- ./my-backend --socket-path={socket}',
      ].join('\n'),
    },
  }),
  {
    name: 'vhost-check',
    versionInfo: { getCurrentVersion: async () => version() },
    determineExitCode: () => Status.error,
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    // Stricli would colour by the depth of the stream alone.
    documentation: { disableAnsiColor: true, onlyRequiredInUsageLine: true },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          line(
            `there is no command ${input}${corrections.length > 0 ? ` (did you mean ${corrections.join(' or ')}?)` : ''}`,
          ),
        exceptionWhileParsingArguments: (error) =>
          error instanceof ArgumentScannerError ? line(argumentMessage(error)) : errorLine(error),
        exceptionWhileLoadingCommandFunction: errorLine,
        exceptionWhileLoadingCommandContext: errorLine,
        exceptionWhileRunningCommand: errorLine,
        commandErrorResult: errorLine,
      },
    },
  },
);

function line(message: string): string {
  return `vhost-check: ${message}`;
}

function argumentMessage(error: ArgumentScannerError): string {
  return formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) => {
      // Stricli names options without dashes and arguments in capitals.
      const shown = /^[A-Z]/.test(name) ? name : `--${name}`;
      return `${shown}: ${exception instanceof Error ? exception.message : String(exception)}`;
    },
    FlagNotFoundError: ({ input, corrections }) => {
      const names = corrections.map((name) => `--${name}`);
      const meant = names.length > 0 ? ` (did you mean ${names.join(' or ')}?)` : '';
      return `there is no option ${input.startsWith('-') ? input : `--${input}`}${meant}`;
    },
    AliasNotFoundError: ({ input }) => `there is no option -${input}`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName}: expected ${values.join(', ')}, not "${input}"`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing`,
    UnexpectedPositionalError: ({ input }) => `there is an argument too many: ${input}`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} can be given only once`,
    InvalidNegatedFlagSyntaxError: ({ externalFlagName }) => `--${externalFlagName} takes no value`,
  });
}
