/** How a caller says which back-end is to be tested. */

/** A back-end by name (built in), by command line, or by the socket that it listens on already. */
export type TargetSpec =
  | {
      readonly kind: 'builtin';
      /** `reference`, `virtiofsd`, `passt`, …; `NAME@trixie` or `NAME@sid` asks for Debian's package of that suite. */
      readonly name: string;
      /** Appended to its command line. */
      readonly args: readonly string[];
    }
  | {
      readonly kind: 'command';
      /** Program and arguments, no shell. `{socket}` stands for the socket's path; `{directory}`, where used, for a
       * directory that all processes of the target share. */
      readonly argv: readonly string[];
    }
  | {
      readonly kind: 'connect';
      /** Path of a listening Unix socket. */
      readonly path: string;
    };

export interface OpenOptions {
  /** Keep a back-end that survived a trace for the next one. */
  readonly reuse: boolean;
  /** How many processes are started ahead. */
  readonly spares: number;
  /** `reference` only: run it on our own event loop. */
  readonly inProcess?: boolean;
  /** A directory of the caller's for files that belong to this target (made where it is missing). */
  readonly workDir: string;
}

/** Debian suites that packages are taken from. */
export const suites = ['trixie', 'sid'] as const;
export type Suite = (typeof suites)[number];
