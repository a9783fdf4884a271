/** Bytes that are no message, or fields that no message can hold. */
export class WireError extends Error {
  /** What is wrong, without the place. */
  readonly reason: string;
  /** Byte offset, from the start of what was decoded or encoded, at which it shows. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason} (at byte ${offset})`);
    this.name = 'WireError';
    this.reason = reason;
    this.offset = offset;
  }
}
