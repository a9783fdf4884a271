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

/** Adds the role to an error of the addon. Anything else is returned as it is. */
export function withRole(error: unknown, role: string): unknown {
  if (!(error instanceof Error) || !('call' in error) || error instanceof NativeError) return error;
  const { code, call, message } = error as Error & { code: string; call: string };
  return new NativeError(code, call, role, message.slice(call.length + 2));
}

/** Runs a call of the addon; its errors carry the role. */
export function attempt<T>(role: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw withRole(error, role);
  }
}
