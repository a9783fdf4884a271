/** Parsers for the values of options. Each throws an Error that says what was expected; the option's name is put before it. */

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** `90`, `60s`, `2m`, `1.5h`, `500ms`. @returns seconds */
export function duration(input: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(input);
  const seconds = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1);
  if (!(seconds > 0) || seconds > 30 * 86_400) throw new Error(expected('a time above 0 such as 60s, 2m or 1h', input));
  return seconds;
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): (input: string) => number {
  return (input) => {
    const value = /^\d+$/.test(input) ? Number(input) : Number.NaN;
    if (!(value >= low && value <= high)) throw new Error(expected(`a whole number from ${low} to ${high}`, input));
    return value;
  };
}

/** A number of bytes: `70000`, `64K`, `2M`. */
export function bytes(input: string): number {
  const match = /^(\d+)([KM])?$/.exec(input);
  const factor = match?.[2] === 'K' ? 1024 : match?.[2] === 'M' ? 1024 ** 2 : 1;
  const value = match === null ? Number.NaN : Number(match[1]) * factor;
  if (!(value >= 1 && value <= 256 * 1024 ** 2))
    throw new Error(expected('a number of bytes from 1 to 256M, such as 70000 or 64K', input));
  return value;
}

/** `open.question=answer`. Whether both exist is for the registry to say. */
export function variant(input: string): readonly [question: string, answer: string] {
  const match = /^(open\.[a-z0-9-]+)=([a-z0-9-]+)$/.exec(input);
  if (match === null) throw new Error(expected('an open question and its answer such as open.refusal=error', input));
  return [match[1] as string, match[2] as string];
}

/** Any text but the empty one. */
export function text(input: string): string {
  if (input === '') throw new Error('expected a value, not an empty one');
  return input;
}

function expected(what: string, input: string): string {
  return `expected ${what}, not "${input}"`;
}
