/** Failed system calls. */

/** A system call failed: which one, why, and on what. */
export class NativeError extends Error {
  override readonly name = 'NativeError';

  constructor(
    /** The errno name, for example `EPIPE`. */
    readonly code: string,
    /** The system call. */
    readonly call: string,
    /** The role of the descriptor, or the path, that it was made on. */
    readonly role: string,
    /** What the system says about the code. */
    reason: string,
  ) {
    super(`${call} on ${role}: ${reason} (${code})`);
  }
}

/** An error as the addon throws it. */
interface Failed {
  readonly code: string;
  readonly call: string;
  readonly message: string;
}

/** No `instanceof`: where modules run in a context of their own, the addon's errors are of another Error class. */
function isFailed(error: unknown): error is Failed {
  return typeof error === 'object' && error !== null && 'call' in error && 'errno' in error;
}

/** Adds the role to an error of the addon. Anything else is returned as it is. */
export function withRole(error: unknown, role: string): unknown {
  if (!isFailed(error)) return error;
  return new NativeError(error.code, error.call, role, error.message.slice(error.call.length + 2));
}

/** Runs a call of the addon; its errors carry the role. */
export function attempt<T>(role: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw withRole(error, role);
  }
}
