import fc from 'fast-check';
import type { TraceFile } from '../../harness/trace/file.js';
import type { Fields, MessageStep, OpenStep, Step, Trace } from '../../harness/trace/step.js';
import { type FieldInfo, formatHex, layouts, messages } from '../../model/wire/index.js';

/** Arbitrary lawful-by-shape traces and corpus files: everything that the format can hold, meaningful or not. */

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,6}$/);
const hexText = (most: number) => fc.uint8Array({ maxLength: most }).map(formatHex);

const literal = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => `0x${n.toString(16)}`),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
);
const mask = fc.nat().map((n) => `0x${n.toString(16)}`);
const value64 = fc.oneof(
  literal,
  fc.constant('offered'),
  mask.map((m) => `offered & ${m}`),
  mask.map((m) => `offered & ~${m}`),
);

function field({ type, width, element }: FieldInfo): fc.Arbitrary<Fields[string]> {
  if (type === 'bytes')
    return width > 0 ? fc.uint8Array({ minLength: width, maxLength: width }).map(formatHex) : hexText(20);
  if (type === 'list') return fc.array(fieldsOf(element!.fields), { maxLength: 9 });
  return width === 8 ? value64 : fc.nat(2 ** (8 * width) - 1);
}

function fieldsOf(infos: readonly FieldInfo[]): fc.Arbitrary<Fields> {
  const given = infos.filter((info) => info.type !== 'padding' && info.type !== 'count');
  return fc
    .record(Object.fromEntries(given.map((info) => [info.name, field(info)])), { requiredKeys: [] })
    .map((record) => ({ ...record }) as unknown as Fields);
}

const ends: Record<OpenStep['kind'], readonly string[]> = {
  pipe: ['.r', '.w'],
  socketpair: ['.a', '.b'],
  memfd: [''],
  file: [''],
  eventfd: [''],
  directory: [''],
  null: [''],
};

const openArbitrary = (name: string): fc.Arbitrary<OpenStep> =>
  fc.constantFrom(...(Object.keys(ends) as OpenStep['kind'][])).chain((kind) => {
    const letters = ends[kind].map((end) => end.slice(1)).filter((letter) => letter !== '');
    const sizes = { pipe: 1 << 20, memfd: 1 << 16, file: 1 << 16 } as Record<string, number>;
    return fc.record(
      {
        do: fc.constant('open' as const),
        name: fc.constant(name),
        kind: fc.constant(kind),
        ...(sizes[kind] === undefined ? {} : { size: fc.nat(sizes[kind]) }),
        nonblock: fc.constantFrom('both', ...letters) as fc.Arbitrary<'both'>,
      },
      { requiredKeys: ['do', 'name', 'kind'] },
    ) as fc.Arbitrary<OpenStep>;
  });

const position = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.integer({ min: -200, max: 200 }).map((n) => `${n}%`),
  fc.tuple(fc.nat(99), fc.nat(9)).map(([n, d]) => `${n}.${d}%`),
);

function messageArbitrary(endNames: readonly string[], on: fc.Arbitrary<string>): fc.Arbitrary<MessageStep> {
  const end = endNames.length === 0 ? fc.constant(undefined) : fc.constantFrom(...endNames);
  const known = fc.constantFrom(...Object.values(messages)).chain((spec) =>
    fc.record({
      message: fc.constantFrom<string | number>(spec.name, spec.number),
      with: fc.option(fieldsOf(layouts[spec.request].fields), { nil: undefined }),
    }),
  );
  const unknown = fc.record({ message: fc.nat(0xffff_ffff).filter((n) => n > 50), with: fc.constant(undefined) });
  return fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: unknown }),
      fc.record(
        {
          do: fc.constantFrom('call' as const, 'send' as const),
          on,
          fds: endNames.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...endNames), { maxLength: 5 }),
          needReply: fc.boolean(),
          flags: fc.nat(0xffff_ffff),
          size: fc.nat(0xffff_ffff),
          raw: hexText(40),
          cut: fc.uniqueArray(fc.nat(100), { maxLength: 6 }).map((offsets) => offsets.sort((a, b) => a - b)),
          glue: fc.boolean(),
          only: fc.nat(100),
          channel: end,
        },
        { requiredKeys: ['do'] },
      ),
    )
    .map(([{ message, with: fields }, rest]) => clean({ ...rest, message, with: fields }) as unknown as MessageStep);
}

interface Seen {
  readonly objects: ReadonlyMap<string, OpenStep['kind']>;
  readonly sessions: readonly string[];
  readonly states: readonly string[];
}

function stepArbitrary(seen: Seen, index: number): fc.Arbitrary<Step> {
  const on = fc.constantFrom(...seen.sessions);
  const objects = [...seen.objects];
  const endNames = objects.flatMap(([name, kind]) => ends[kind].map((end) => `${name}${end}`));
  const choices: fc.Arbitrary<unknown>[] = [
    messageArbitrary(endNames, on),
    openArbitrary(`o${index}`),
    fc.record({ do: fc.constant('await'), replies: fc.nat(10), on }, { requiredKeys: ['do', 'replies'] }),
    fc.record({ do: fc.constantFrom('connect', 'disconnect'), on }, { requiredKeys: ['do'] }),
    fc.record({ do: fc.constant('linger'), ms: fc.nat(100) }),
  ];
  if (seen.sessions.length < 4) choices.push(fc.constant({ do: 'start', session: `s${index}` }));
  if (endNames.length > 0) {
    const name = fc.constantFrom(...endNames);
    const sources: fc.Arbitrary<object>[] = [
      fc.record({ hex: hexText(20) }),
      fc.record({ pattern: fc.nat(100_000) }),
      ...(seen.states.length === 0 ? [] : [fc.record({ state: fc.constantFrom(...seen.states) })]),
    ];
    const places = fc.record({ from: position, to: position, flip: position }, { requiredKeys: [] });
    choices.push(
      fc.record({ do: fc.constant('close'), name: fc.constantFrom(...endNames, ...objects.map(([object]) => object)) }),
      fc.record({ do: fc.constantFrom('rewind', 'kick'), name }),
      fc.record({ do: fc.constant('shutdown'), name, how: fc.constantFrom('read', 'write', 'both') }),
      fc.tuple(name, fc.oneof(...sources), places).map(([n, source, p]) => ({ do: 'write', name: n, ...source, ...p })),
      fc.record(
        { do: fc.constant('read'), name, bytes: fc.nat(100_000), into: word },
        { requiredKeys: ['do', 'name'] },
      ),
    );
  }
  return fc.oneof(...choices).map((step) => clean(step as object) as unknown as Step);
}

function after({ objects, sessions, states }: Seen, step: Step): Seen {
  return {
    objects: step.do === 'open' ? new Map([...objects, [step.name, step.kind]]) : objects,
    sessions: step.do === 'start' ? [...sessions, step.session] : sessions,
    states: step.do === 'read' && step.into !== undefined ? [...states, step.into] : states,
  };
}

/** Traces that `checkTrace` has nothing against. */
export function traceArbitrary(most = 12): fc.Arbitrary<Trace> {
  const extend = (trace: Trace, seen: Seen, left: number): fc.Arbitrary<Trace> =>
    left === 0
      ? fc.constant(trace)
      : stepArbitrary(seen, trace.length).chain((step) => extend([...trace, step], after(seen, step), left - 1));
  return fc.nat(most).chain((length) => extend([], { objects: new Map(), sessions: ['a'], states: [] }, length));
}

/** Texts of all sorts without characters that no terminal shows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom('a', ' ', '\n', ': ', ' #', '-', '"', "'", '\t', '|', '%', 'null', '0x1'), {
        maxLength: 12,
      })
      .map((p) => p.join('')),
    fc.lorem(),
  )
  .map((t) => t.replace(hidden, ''));
const line = text.map((t) => t.replace(/[\n\t]/g, ' '));
const id = fc.stringMatching(/^[a-z]{1,8}\.[a-z-]{1,8}$/);
const remark = line.map((t) => t.replace(/\s+/g, ' ').trim()).filter((t) => t !== '');

/** Corpus files of all sorts. */
export const fileArbitrary: fc.Arbitrary<TraceFile> = traceArbitrary(6).chain((steps) =>
  fc
    .record(
      {
        title: line,
        comment: text,
        backend: fc.oneof(
          fc.record(
            { name: fc.constantFrom('virtiofsd', 'virtiofsd@sid', 'passt'), version: line },
            { requiredKeys: ['name'] },
          ),
          fc.record({
            name: fc.constant('reference'),
            args: fc.constantFrom(
              [],
              ['--own-channel'],
              ['--fault', 'x-y', '--state-size=100'],
              ['--variant=open.a=b'],
            ),
          }),
        ),
        verdict: fc.constant('pass' as const),
        clause: id,
        level: fc.constantFrom('must' as const, 'should' as const, 'may' as const, 'robust' as const),
        signature: line,
        expected: fc.array(text, { maxLength: 3 }),
        observed: text,
        reproduces: fc.tuple(fc.nat(20), fc.nat(20)).map(([k, more]) => ({ k, n: k + more + 1 })),
        deadlineMs: fc.integer({ min: 1, max: 60_000 }),
        variants: fc.dictionary(id, fc.constantFrom('error', 'same', 'wait')),
        steps: fc.constant(steps),
        comments:
          steps.length === 0
            ? fc.constant(undefined)
            : fc.dictionary(fc.nat(steps.length - 1).map(String), remark, { minKeys: 1 }),
      },
      { requiredKeys: ['title', 'verdict', 'steps'] },
    )
    .map((file) => clean(file) as unknown as TraceFile),
);

function clean(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
