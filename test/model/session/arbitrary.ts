/** States and messages of the session model, in arbitrary combinations and by walking. */
import fc from 'fast-check';
import {
  abandoned,
  checkedAs,
  checkRule,
  type Flaw,
  gone,
  kicked,
  learned,
  left,
  plainReq,
  type Req,
  readerLeft,
  reconnected,
  rule,
  type SessionState,
  sawEof,
  session,
  wroteAll,
  wroteSome,
} from '../../../model/session/index.js';
import { messages, ProtocolFeature, type RequestName } from '../../../model/wire/index.js';

export const FLAWS: readonly Flaw[] = [
  '',
  'direction',
  'phase',
  'no-fd',
  'many-fds',
  'extra-fds',
  'fd-kind',
  'size',
  'version',
  'reply-flag',
  'flags',
  'index',
  'value',
  'unoffered',
  'reserved',
  'early',
  'out-of-frame',
];

/** Every message name, and a number that is none. */
export const NAMES = [...(Object.keys(messages) as RequestName[]), 'UNKNOWN'] as const;

const values = [
  0n,
  1n,
  1n << 30n,
  1n << 26n,
  (1n << 20n) - 1n,
  ...Object.values(ProtocolFeature).map((n) => 1n << BigInt(n)),
];

export const request: fc.Arbitrary<Req> = fc.record({
  name: fc.constantFrom(...NAMES),
  flaw: fc.oneof(
    { weight: 3, arbitrary: fc.constant('' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...FLAWS) },
  ),
  hopeless: fc.boolean(),
  needReply: fc.boolean(),
  fragmented: fc.boolean(),
  ring: fc.constantFrom<Req['ring']>(0, 1, 'other'),
  num: fc.nat(2),
  fd: fc.boolean(),
  value: fc.oneof(fc.constantFrom(...values), fc.bigInt(0n, (1n << 64n) - 1n)),
  direction: fc.constantFrom('save', 'load', 'other'),
  kind: fc.constantFrom('pipe', 'special', 'file'),
  sink: fc.constantFrom('good', 'doomed', 'odd'),
} satisfies { [K in keyof Req]: fc.Arbitrary<Req[K]> });

/** Any assignment to the variables of a session, reachable or not. */
export const anyState: fc.Arbitrary<SessionState> = fc.record(
  Object.fromEntries(
    Object.entries(session.declaration).map(([name, domain]): [string, fc.Arbitrary<string | number>] => [
      name,
      'bits' in domain ? fc.nat(2 ** domain.bits - 1) : fc.constantFrom(...(domain as readonly string[])),
    ]),
  ),
) as fc.Arbitrary<SessionState>;

const contents = session.declaration.content;

/** One thing that happens; `pick` chooses among what may come of it. */
export type Move = { readonly req: Req; readonly pick: number } | { readonly event: number; readonly pick: number };

const EVENTS: readonly ((s: SessionState, pick: number) => SessionState)[] = [
  (s, n) => wroteAll(s, contents[n % contents.length]!),
  (s, n) => wroteSome(s, contents[n % contents.length]!),
  (s, n) => readerLeft(s, contents[n % contents.length]!),
  sawEof,
  (s, n) => abandoned(s, n % 2 === 0),
  left,
  gone,
  reconnected,
  (s, n) => {
    const all = kicked(s, n % 2 === 0 ? 0 : 1);
    return all[n % all.length]!;
  },
  (s, n) => learned(s, n % 2 === 0 ? 'GET_FEATURES' : 'GET_PROTOCOL_FEATURES', n % 3 === 0 ? 0n : 0xffff_ffffn),
  (s, n) => {
    const { allowed } = checkRule(s);
    return allowed.length === 0 ? s : checkedAs(s, allowed[n % allowed.length]!);
  },
];

/** A transfer that ought to begin. */
const begin: fc.Arbitrary<Req> = fc.record({
  ...Object.fromEntries(Object.entries(plainReq).map(([name, value]) => [name, fc.constant(value)])),
  name: fc.constant('SET_DEVICE_STATE_FD' as const),
  direction: fc.constantFrom('save', 'load'),
  kind: fc.constantFrom('pipe', 'special', 'file'),
}) as fc.Arbitrary<Req>;

/** A walk that begins with a negotiation, so that it comes to the transfers often. */
export const walk: fc.Arbitrary<readonly Move[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(
        fc.record({ req: request, pick: fc.nat(1000) }),
        fc.record({ req: begin, pick: fc.nat(1) }),
        fc.record({ event: fc.constantFrom(0, 3, EVENTS.length - 1), pick: fc.nat(1000) }),
        fc.record({ event: fc.nat(EVENTS.length - 1), pick: fc.nat(1000) }),
      ),
      { maxLength: 40 },
    ),
  )
  .map(([negotiated, moves]) => (negotiated ? [...NEGOTIATE, ...moves] : moves));

const NEGOTIATE: readonly Move[] = [
  { event: 9, pick: 2 },
  { req: { ...plainReq, name: 'SET_FEATURES', value: 1n << 30n }, pick: 0 },
  { event: 9, pick: 1 },
  { req: { ...plainReq, name: 'SET_PROTOCOL_FEATURES', value: 0xf_ffffn }, pick: 0 },
];

/** Every state of a walk, from the initial one. */
export function statesOf(moves: readonly Move[]): readonly SessionState[] {
  const out = [session.initial];
  for (const move of moves) {
    const s = out.at(-1)!;
    if ('req' in move) {
      const { outcomes } = rule(s, move.req);
      out.push(outcomes[move.pick % outcomes.length]!.next);
    } else out.push(EVENTS[move.event]!(s, move.pick));
  }
  return out;
}
