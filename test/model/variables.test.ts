import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Declaration, type Domain, declare, type StateOf } from '../../model/variables.js';

const domain: fc.Arbitrary<Domain> = fc.oneof(
  fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
  fc.record({ bits: fc.integer({ min: 1, max: 32 }) }),
);
const name = fc.stringMatching(/^[a-z]{1,6}$/).filter((word) => !(word in {}));
const declaration: fc.Arbitrary<Declaration> = fc.dictionary(name, domain, {
  minKeys: 1,
  maxKeys: 24,
  noNullPrototype: true,
});

/** Any assignment to what was declared. */
const stateOf = (of: Declaration): fc.Arbitrary<StateOf<Declaration>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(of).map(([variable, d]): [string, fc.Arbitrary<string | number>] => [
        variable,
        'bits' in d ? fc.integer({ min: 0, max: 2 ** d.bits - 1 }) : fc.constantFrom(...d),
      ]),
    ),
  );
const declared = (states: number) =>
  declaration.chain((of) => fc.tuple(fc.constant(of), fc.array(stateOf(of), { minLength: states, maxLength: states })));

describe('variables', () => {
  it('pack and unpack are inverse for every declaration and state', () => {
    fc.assert(
      fc.property(declared(1), ([of, [state]]) => {
        const variables = declare(of);
        const words = variables.pack(state!);
        expect(variables.unpack(words)).toEqual(state);
        expect(variables.pack(variables.unpack(words))).toEqual(words);
        expect(words.length * 32).toBeGreaterThanOrEqual(variables.bits);
      }),
    );
  });

  it('keys are equal for equal states only', () => {
    const pairs = declared(2).chain(([of, [a, b]]) =>
      fc.constantFrom([of, a!, b!] as const, [of, a!, { ...a! }] as const),
    );
    fc.assert(
      fc.property(pairs, ([of, a, b]) => {
        const variables = declare(of);
        const same = Object.keys(of).every((variable) => a[variable] === b[variable]);
        expect(variables.key(a) === variables.key(b)).toBe(same);
      }),
    );
  });

  it('a change of any one variable changes the key and nothing else', () => {
    fc.assert(
      fc.property(declared(2), fc.nat(), ([of, [a, b]], pick) => {
        const variables = declare(of);
        const names = Object.keys(of);
        const changed = names[pick % names.length]!;
        const next = { ...a!, [changed]: b![changed]! };
        expect(variables.key(next) === variables.key(a!)).toBe(a![changed] === b![changed]);
        expect(variables.unpack(variables.pack(next))).toEqual(next);
      }),
    );
  });

  it('the initial state is the first words and zeros, and prints as nothing', () => {
    const variables = declare({ a: ['x', 'y'], n: { bits: 7 } });
    expect(variables.initial).toEqual({ a: 'x', n: 0 });
    expect(variables.print(variables.initial)).toBe('');
    expect(variables.bits).toBe(8);
  });

  it('prints what differs from the initial state, of the wanted variables', () => {
    const variables = declare({ transfer: ['none', 'save'], end: ['open', 'eof'], n: { bits: 3 } });
    expect(variables.print({ transfer: 'save', end: 'eof', n: 5 })).toBe('transfer=save end=eof n=5');
    expect(variables.print({ transfer: 'save', end: 'eof', n: 5 }, ['n', 'transfer'])).toBe('transfer=save n=5');
  });

  it('no variable straddles two words', () => {
    const variables = declare({ a: { bits: 20 }, b: { bits: 20 }, c: { bits: 12 } });
    expect([...variables.pack({ a: 0, b: 0xf_ffff, c: 1 })]).toEqual([0, 0x1f_ffff]);
  });

  it('a full 32-bit variable keeps its highest bit', () => {
    const variables = declare({ a: { bits: 32 } });
    expect([...variables.pack({ a: 0xffff_ffff })]).toEqual([0xffff_ffff]);
    expect(variables.unpack(Uint32Array.of(0x8000_0001))).toEqual({ a: 0x8000_0001 });
  });

  it.each([
    ['a word that is not in the list', { a: 'z', n: 0 }],
    ['a number beyond the bits', { a: 'x', n: 8 }],
    ['a negative number', { a: 'x', n: -1 }],
  ])('refuses to pack %s', (_, state) => {
    const variables = declare({ a: ['x', 'y'], n: { bits: 3 } });
    expect(() => variables.pack(state as StateOf<typeof variables.declaration>)).toThrow(/has no value/);
  });

  it('refuses a domain of more than 32 bits, and one without a value', () => {
    expect(() => declare({ wide: { bits: 33 } })).toThrow(/wide/);
    expect(() => declare({ empty: [] })).toThrow(/empty/);
  });
});
