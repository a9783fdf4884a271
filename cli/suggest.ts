/** The name among `known` that `input` was probably meant to be; undefined where none is near. */
export function nearest(input: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let distance = Math.max(2, Math.floor(input.length / 3)) + 1;
  for (const name of known) {
    const d = editDistance(input, name, distance);
    if (d < distance) {
      best = name;
      distance = d;
    }
  }
  return best;
}

/** ` (did you mean x?)`, or nothing. */
export function didYouMean(input: string, known: Iterable<string>): string {
  const name = nearest(input, known);
  return name === undefined ? '' : ` (did you mean ${name}?)`;
}

// Insertions, deletions and substitutions; gives up at `limit`.
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
