import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml';
import { limits } from '../limits.js';

/** Something wrong at a place of a file. */
export class PlacedError extends Error {
  /** @param line counted from 1 */
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** Names that lead to a value: keys, and indices of lists. */
export type Path = readonly (string | number)[];

/** A YAML text as plain data that remembers where everything stood. */
export interface Loaded {
  readonly data: unknown;
  /** Line (from 1) of the value at a path, or of the nearest one around it. */
  line(path: Path): number;
  /** Comment behind the elements of the list under this key, by index. */
  comments(key: string): Record<number, string>;
}

/** Keys whose values are byte strings: `0011` is meant as it stands there, and is not the number 11. */
const byteKeys: ReadonlySet<string> = new Set(['raw', 'hex']);
/** The same among the fields of a payload. */
const byteFields: ReadonlySet<string> = new Set(['payload', 'uuid', 'bytes']);

/**
 * Read a YAML text of plain data: no anchors, aliases, tags or keys that are not words.
 * @throws PlacedError
 */
export function load(text: string): Loaded {
  const counter = new LineCounter();
  // Keys are compared below: the library compares each with all others, which a hostile file can make last for minutes.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const lineAt = (offset: number) => counter.linePos(offset).line;
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new PlacedError(lineAt(problem.pos[0]), problemOf(problem.message));
  const reader = new Reader(lineAt);
  const data = reader.read(document.contents, []);
  return {
    data,
    line: (path) => reader.line(path),
    comments: (key) => commentsOf(document, key),
  };
}

class Reader {
  readonly #lines = new Map<string, number>();

  constructor(private readonly lineAt: (offset: number) => number) {}

  line(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const line = this.#lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  read(node: unknown, path: Path): unknown {
    if (node === null || node === undefined) return null;
    const line = this.lineAt((node as Node).range?.[0] ?? 0);
    this.#lines.set(keyOf(path), line);
    if (path.length > limits.file.depth) throw new PlacedError(line, 'nested too deep');
    if (isAlias(node)) throw new PlacedError(line, 'aliases (*) have no place in a trace file');
    const { anchor, tag } = node as { anchor?: string; tag?: string };
    if (anchor !== undefined) throw new PlacedError(line, 'anchors (&) have no place in a trace file');
    if (isScalar(node)) return scalar(node, path, line);
    if (tag !== undefined && !tag.startsWith('tag:yaml.org,2002:')) throw new PlacedError(line, `unknown tag ${tag}`);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]));
    if (!isMap(node)) throw new PlacedError(line, 'expected plain data');
    const entries: [string, unknown][] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9._-]*$/.test(name))
        throw new PlacedError(line, 'a key must be a word');
      const at = this.lineAt((pair.key as Scalar).range?.[0] ?? 0);
      if (seen.has(name)) throw new PlacedError(at, `${name} is there twice`);
      seen.add(name);
      this.#lines.set(keyOf([...path, name]), at);
      entries.push([name, this.read(pair.value, [...path, name])]);
    }
    return Object.fromEntries(entries);
  }
}

function scalar(node: Scalar, path: Path, line: number): unknown {
  const { value, source, type } = node;
  if (type !== 'PLAIN' || typeof value !== 'number' || source === undefined) return value;
  const key = String(path.at(-1));
  if (byteKeys.has(key) || (path.includes('with') && byteFields.has(key))) return source;
  if (Number.isSafeInteger(value)) return value;
  // Whole numbers beyond 2^53 stay exact as text.
  if (/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(source)) return source;
  throw new PlacedError(line, `expected a whole number, not ${source.slice(0, 40)}`);
}

function commentsOf(document: Document, key: string): Record<number, string> {
  const list = document.get(key);
  const comments: Record<number, string> = {};
  if (!isSeq(list)) return comments;
  for (const [index, item] of list.items.entries()) {
    const comment = (item as Node | null)?.comment;
    const text = comment?.split('\n')[0]?.trim();
    if (text) comments[index] = text;
  }
  return comments;
}

const keyOf = (path: Path): string => path.join('/');

/** The library's own words for an error, except where they speak of its inside. */
function problemOf(text: string): string {
  if (text.includes('call stack')) return 'nested too deep';
  return text.split('\n')[0]!.replace(/:$/, '').slice(0, 200);
}
