/**
 * 64-bit values as a trace writes them: a number, a literal (`0x…` or decimal), or what the back-end offered last, whole or
 * masked: `offered`, `offered & 0x8`, `offered & ~0x8`. Feature words differ between back-ends, so that a trace which is to
 * replay on another one cannot hold them as numbers.
 */

/** A value that cannot be had. `nothing-offered`: the text is right, but the back-end has not offered anything yet. */
export class Value64Error extends Error {
  readonly problem: 'syntax' | 'range' | 'nothing-offered';

  constructor(problem: Value64Error['problem'], message: string) {
    super(message);
    this.name = 'Value64Error';
    this.problem = problem;
  }
}

const MAX = 2n ** 64n - 1n;
const LITERAL = '0[xX][0-9a-fA-F]+|[0-9]+';
const PLAIN = new RegExp(`^(?:${LITERAL})$`);
const OFFERED = new RegExp(`^offered(?:\\s*&\\s*(~?)\\s*(${LITERAL}))?$`);

function inRange(value: bigint, text: string): bigint {
  if (value > MAX) throw new Value64Error('range', `${text} is more than 64 bits`);
  return value;
}

/** The value of `text`. @param offered what the back-end offered in the last reply of the kind; left out: nothing yet.
 * @throws Value64Error */
export function parseValue64(text: string | number, offered?: bigint): bigint {
  if (typeof text === 'number') {
    if (!Number.isSafeInteger(text) || text < 0)
      throw new Value64Error('range', `${text} is no whole number from 0 to 2^53-1; write larger ones as "0x…"`);
    return BigInt(text);
  }
  const trimmed = text.trim();
  if (PLAIN.test(trimmed)) return inRange(BigInt(trimmed), trimmed);
  const match = OFFERED.exec(trimmed);
  if (match === null)
    throw new Value64Error(
      'syntax',
      `"${text}" is no 64-bit value: write a number, "0x…", "offered" or "offered & ~0x8"`,
    );
  const mask = match[2] === undefined ? MAX : inRange(BigInt(match[2]), match[2]);
  if (offered === undefined)
    throw new Value64Error(
      'nothing-offered',
      `"${text}" means what the back-end offered, and it has offered nothing yet`,
    );
  return offered & (match[1] === '~' ? MAX ^ mask : mask);
}

/** How a trace writes `value` (0 to 2^64-1): as a number up to 255, else as a hexadecimal literal. */
export function formatValue64(value: bigint): number | string {
  return value < 256n ? Number(value) : `0x${value.toString(16)}`;
}
