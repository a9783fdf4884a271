/** Command lines with places to fill in. */

/** What the places of a command line stand for. */
export interface Places {
  /** Path of the socket that the process is to listen on. */
  readonly socket: string;
  /** A directory that all processes of one target share. */
  readonly directory: string;
}

/** Whether any argument has the place, as a whole or as a part. */
export function mentions(argv: readonly string[], place: keyof Places): boolean {
  return argv.some((argument) => argument.includes(`{${place}}`));
}

/** Fill every place in. Other text in braces stays as it is. */
export function fill(argv: readonly string[], places: Places): string[] {
  return argv.map((argument) => argument.replace(/\{(socket|directory)\}/g, (_, place: keyof Places) => places[place]));
}
