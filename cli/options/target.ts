import type { TargetSpec } from '../../backends/index.js';
import { didYouMean } from '../../harness/trace/suggest.js';
import { UserError } from '../../harness/user-error.js';
import { bytes, text, variant } from '../parse.js';
import type { Parts } from '../parts.js';

/** Options that choose the back-end. */
export interface TargetFlags {
  readonly backend?: string;
  readonly connect?: string;
  readonly fault?: readonly string[];
  readonly ownChannel?: boolean;
  readonly stateSize?: number;
  readonly answer?: readonly (readonly [question: string, answer: string])[];
}

export const targetFlags = {
  backend: {
    kind: 'parsed',
    parse: text,
    optional: true,
    placeholder: 'NAME',
    brief: 'Back-end by name: reference, virtiofsd, passt; NAME@trixie or NAME@sid for an installed Debian package',
  },
  connect: {
    kind: 'parsed',
    parse: text,
    optional: true,
    placeholder: 'PATH',
    brief: 'Back-end that listens on this Unix socket already (in place of --backend)',
  },
  fault: {
    kind: 'parsed',
    parse: text,
    optional: true,
    variadic: true,
    placeholder: 'NAME',
    brief: 'Reference only, may be repeated: break this on purpose',
  },
  ownChannel: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Reference only: bring its own channel for a transfer',
  },
  stateSize: {
    kind: 'parsed',
    parse: bytes,
    optional: true,
    placeholder: 'BYTES',
    brief: 'Reference only: size of its device state, such as 70000 or 64K',
  },
  answer: {
    kind: 'parsed',
    parse: variant,
    optional: true,
    variadic: true,
    placeholder: 'open.x=answer',
    brief: 'Reference only, may be repeated: how it answers an open question',
  },
} as const;

/** The back-end that options and the command behind `--` choose; undefined when they choose none.
 * @throws UserError when they contradict each other */
export function chosenTarget(flags: TargetFlags, command: readonly string[] | undefined): TargetSpec | undefined {
  const ways = [
    flags.backend === undefined ? [] : ['--backend'],
    flags.connect === undefined ? [] : ['--connect'],
    command === undefined ? [] : ['a command behind --'],
  ].flat();
  if (ways.length > 1) throw new UserError(`${ways.join(' and ')} exclude each other: choose one`);
  if (flags.backend !== undefined) {
    return { kind: 'builtin', name: flags.backend, args: referenceArguments(flags, flags.backend) };
  }
  if (flags.connect !== undefined) {
    referenceArguments(flags, '--connect');
    return { kind: 'connect', path: flags.connect };
  }
  if (command !== undefined) {
    referenceArguments(flags, 'a command');
    if (command.length === 0) throw new UserError('there is no command behind --');
    if (!command.some((argument) => argument.includes('{socket}'))) {
      throw new UserError('the command behind -- needs {socket} where the path of its socket belongs');
    }
    return { kind: 'command', argv: command };
  }
  return undefined;
}

/** @throws UserError for a fault that the reference does not have */
export async function knownFaults(flags: TargetFlags, parts: Pick<Parts, 'faults'>): Promise<void> {
  if (flags.fault === undefined) return;
  const names = Object.keys((await parts.faults()).faults);
  for (const name of flags.fault) {
    if (!names.includes(name)) {
      throw new UserError(
        `the reference has no fault ${name}${didYouMean(name, names)}; \`vhost-check backends faults\` lists them`,
      );
    }
  }
}

/** Arguments for the reference from its own options. @throws UserError when there are some and it is not the reference */
export function referenceArguments(flags: TargetFlags, backend: string): string[] {
  const args = [
    ...(flags.fault ?? []).flatMap((name) => ['--fault', name]),
    ...(flags.ownChannel ? ['--own-channel'] : []),
    ...(flags.stateSize === undefined ? [] : ['--state-size', String(flags.stateSize)]),
    ...(flags.answer ?? []).flatMap(([question, answer]) => ['--variant', `${question}=${answer}`]),
  ];
  const option = ['--fault', '--own-channel', '--state-size'].find((name) => args.includes(name)) ?? '--answer';
  if (args.length > 0 && backend !== 'reference') {
    throw new UserError(`${option} belongs to the reference back-end, not to ${backend}`);
  }
  return args;
}
