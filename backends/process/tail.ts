/** The last bytes of a stream, whatever its length: bounded memory for what a back-end says on standard error. */
export class Tail {
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** @param limit bytes that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    // Cut only at twice the limit: joining at every small write would copy the tail each time.
    if (this.#held > 2 * this.#limit) this.#cut();
  }

  /** The tail as text; a character cut in two at its start is left out. */
  text(): string {
    this.#cut();
    let bytes = Buffer.from(this.#pieces[0] ?? []);
    let start = 0;
    while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
    bytes = bytes.subarray(start);
    return bytes.toString('utf8');
  }

  #cut(): void {
    const whole = Buffer.concat(this.#pieces);
    // A copy, so that the big pieces it came from can go.
    const kept = Buffer.from(whole.subarray(Math.max(0, whole.length - this.#limit)));
    this.#pieces = [kept];
    this.#held = kept.length;
  }
}
