import type { TargetSpec } from '../backends/index.js';
import { UserError } from '../harness/user-error.js';
import { referenceArguments, type TargetFlags } from './options/target.js';
import type { StoredTrace } from './stored.js';

/** The built-in back-end that a file's header names. A header never names a command: a trace from a stranger is data.
 * The reference's options on the command line come in place of those in the header.
 * @throws UserError where the header names none */
export function originTarget(trace: StoredTrace, flags: TargetFlags): TargetSpec {
  if (trace.backend === undefined) {
    throw new UserError(
      `${trace.file} does not say what back-end it belongs to: choose one with --backend, --connect or -- COMMAND`,
    );
  }
  const { name, args = [] } = trace.backend;
  const own = referenceArguments(flags, name);
  return { kind: 'builtin', name, args: own.length > 0 ? own : args };
}
