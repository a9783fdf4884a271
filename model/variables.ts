/**
 * Variables with finite domains, declared once: the declaration gives the TypeScript type, the packed form and the
 * printer. A domain is a list of words, or a number of bits.
 */
export type Domain = readonly string[] | { readonly bits: number };
export type Declaration = Readonly<Record<string, Domain>>;

/** A value of a domain. */
export type ValueOf<D extends Domain> = D extends readonly string[] ? D[number] : number;
/** An assignment to every declared variable. */
export type StateOf<D extends Declaration> = { readonly [K in keyof D]: ValueOf<D[K]> };

/** What a declaration gives. */
export interface Variables<D extends Declaration> {
  readonly declaration: D;
  /** The number of bits of a packed state. */
  readonly bits: number;
  /** The first word of each list, zero for bits. */
  readonly initial: StateOf<D>;
  /** Pack into 32-bit words, least significant first; no variable straddles two words. */
  pack(state: StateOf<D>): Uint32Array;
  unpack(words: Uint32Array): StateOf<D>;
  /** A short string that is equal for equal states only. */
  key(state: StateOf<D>): string;
  /** What differs from the initial state, as people read it: `transfer=save end=open`. */
  print(state: StateOf<D>, names?: readonly (keyof D & string)[]): string;
}

const widthOf = (domain: Domain): number =>
  'bits' in domain ? domain.bits : Math.max(1, Math.ceil(Math.log2(domain.length)));

interface Place {
  readonly name: string;
  readonly domain: Domain;
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

function layout(declaration: Declaration): readonly Place[] {
  let word = 0;
  let shift = 0;
  return Object.entries(declaration).map(([name, domain]) => {
    const width = widthOf(domain);
    if (width > 32) throw new Error(`${name}: a variable has 32 bits at most`);
    if (shift + width > 32) {
      word++;
      shift = 0;
    }
    const place = { name, domain, word, shift, mask: width === 32 ? 0xffff_ffff : 2 ** width - 1 };
    shift += width;
    return place;
  });
}

/** Declare variables. @throws for a domain of more than 32 bits or without a value. */
export function declare<const D extends Declaration>(declaration: D): Variables<D> {
  const places = layout(declaration);
  const words = (places.at(-1)?.word ?? -1) + 1;
  const indexes = new Map(
    places.map(({ name, domain }) => [name, 'bits' in domain ? undefined : new Map(domain.map((v, i) => [v, i]))]),
  );
  const initial = Object.fromEntries(
    places.map(({ name, domain }) => {
      if (!('bits' in domain) && domain.length === 0) throw new Error(`${name}: a domain needs a value`);
      return [name, 'bits' in domain ? 0 : domain[0]];
    }),
  ) as StateOf<D>;

  const number = (place: Place, value: string | number): number => {
    const index = typeof value === 'number' ? value : indexes.get(place.name)?.get(value);
    if (index === undefined || index < 0 || index > place.mask) {
      throw new RangeError(`${place.name} has no value ${value}`);
    }
    return index;
  };
  const pack = (state: StateOf<D>): Uint32Array => {
    const out = new Uint32Array(words);
    for (const place of places) {
      const value = number(place, state[place.name as keyof D] as string | number);
      out[place.word] = (out[place.word]! | (value << place.shift)) >>> 0;
    }
    return out;
  };

  return {
    declaration,
    bits: places.reduce((sum, { domain }) => sum + widthOf(domain), 0),
    initial,
    pack,
    unpack(packed) {
      return Object.fromEntries(
        places.map(({ name, domain, word, shift, mask }) => {
          const value = ((packed[word]! >>> shift) & mask) >>> 0;
          return [name, 'bits' in domain ? value : domain[value]];
        }),
      ) as StateOf<D>;
    },
    key: (state) => pack(state).join('.'),
    print(state, names) {
      return places
        .filter(({ name }) => names === undefined || names.includes(name))
        .filter(({ name }) => state[name as keyof D] !== initial[name as keyof D])
        .map(({ name }) => `${name}=${state[name as keyof D]}`)
        .join(' ');
    },
  };
}
