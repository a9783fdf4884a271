/** Every answer to every open question, and that each behaves like itself. */
import { describe, expect, test } from 'vitest';
import { type Question, questions, type ReferenceOptions } from '../../../backends/reference/index.js';
import { openQuestions } from '../../../model/clauses/index.js';
import { Request } from '../../../model/wire/index.js';
import { eventfd, memfd, openDescriptors, pipe, Socket } from '../../../native/index.js';
import { type Bench, sameBytes, withBench } from './bench.js';
import {
  check,
  type FrontEnd,
  LOAD,
  load,
  type Message,
  NONE,
  type Nothing,
  payloadOf,
  readAll,
  SAVE,
  save,
  set,
  stateParameters,
  turns,
  u64,
} from './front-end.js';

type Connect = (plain?: 'plain') => Promise<FrontEnd>;
type Observe = (connect: Connect, bench: Bench) => Promise<unknown>;

const ring = (index: number, num = 0) => payloadOf('vring-state', { index, num });
const brief = (answer: Message | Nothing) =>
  typeof answer === 'string' ? answer : `${answer.request}: ${Buffer.from(answer.payload).toString('hex')}`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const ZERO = hex(u64(0));
const ONE = hex(u64(1));
const OK = 0x100n;
const NO = 0x101n;

/** A ring with a kick descriptor that has been kicked. */
async function startRing(fe: FrontEnd, { own }: Bench, index = 0): Promise<ReturnType<typeof eventfd>> {
  const [kick] = own(eventfd('kick'));
  await fe.send(Request.SET_VRING_KICK, u64(index), { fds: [kick!] });
  kick!.signal();
  await fe.silent();
  await turns();
  return kick!;
}

/** A save whose channel is open and full. */
async function hangingSave(fe: FrontEnd, { own }: Bench) {
  const { r, w } = pipe('channel', { capacity: 4096 });
  own(r);
  const answer = await set(fe, SAVE, w);
  return { answer, r };
}

/** What each question looks like from outside, and what each answer to it shows. */
const observations: Record<Question, { observe: Observe; answers: Record<string, unknown> }> = {
  'open.enforce-suspended': {
    observe: async (connect, bench) => {
      const fe = await connect();
      await startRing(fe, bench);
      const running = (await save(fe)).set;
      await fe.call(Request.GET_VRING_BASE, ring(0));
      return [running, (await save(fe)).set];
    },
    answers: { accept: [OK, OK], refuse: [NO, OK] },
  },
  'open.refusal': {
    observe: async (connect) => {
      const fe = await connect();
      const bad = await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(9));
      const other = await connect();
      const unrelated = await other.number(Request.SET_VRING_NUM, ring(9, 1), { needReply: true });
      return [bad, unrelated, await other.silent()];
    },
    answers: { error: [NO, 1n, true], close: ['gone', 1n, true] },
  },
  'open.check-without-set': {
    observe: async (connect) => {
      const fe = await connect();
      const first = await check(fe);
      await load(fe, NONE);
      await fe.send(Request.RESET_DEVICE);
      return [first, await check(fe)];
    },
    answers: { error: [1n, 1n], success: [0n, 0n], last: [0n, 1n] },
  },
  'open.check-twice': {
    observe: async (connect) => {
      const fe = await connect();
      await save(fe);
      return [await check(fe), (await load(fe, NONE)).check, await check(fe)];
    },
    answers: { error: [1n, 1n, 1n], same: [0n, 1n, 1n] },
  },
  'open.check-before-eof': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const { r } = await hangingSave(fe, bench);
      await fe.send(Request.CHECK_DEVICE_STATE);
      await turns();
      const early = brief(await fe.next(0));
      await readAll(r);
      return [early, early === 'quiet' ? brief(await fe.next()) : await check(fe)];
    },
    answers: { wait: ['quiet', `43: ${ZERO}`], error: [`43: ${ONE}`, 0n] },
  },
  'open.second-set': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const a = await hangingSave(fe, bench);
      const b = await hangingSave(fe, bench);
      const lengths = [(await readAll(a.r)).bytes.length > 65536, (await readAll(b.r)).bytes.length > 65536];
      const first = [b.answer, ...lengths, await check(fe)];
      // Ended well, and not checked.
      const { r, w } = pipe('channel');
      await set(fe, SAVE, w);
      await readAll(r);
      r.close();
      return [...first, (await save(fe)).set];
    },
    answers: {
      refuse: [NO, true, false, 0n, NO],
      replace: [OK, false, true, 0n, OK],
      both: [OK, true, true, 0n, OK],
    },
  },
  'open.error-no-fd-bit': {
    observe: async (connect) => (await connect()).number(Request.SET_DEVICE_STATE_FD, stateParameters(9)),
    answers: { set: NO, clear: 1n },
  },
  'open.high-bits': {
    observe: async (connect) => {
      const fe = await connect();
      const bad = await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(9));
      return [(await save(fe)).set, bad];
    },
    answers: { zero: [OK, NO], set: [0xffff_ffff_ffff_ff00n, 0xffff_ffff_ffff_ff01n] },
  },
  'open.trailing-data': {
    observe: async (connect) => {
      const fe = await connect();
      const { bytes } = await save(fe);
      const { check: one } = await load(fe, Uint8Array.from([...bytes, 0]));
      const { check: many } = await load(fe, Uint8Array.from([...bytes, ...bytes]));
      const damaged = bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte));
      return [one, many, (await load(fe, Uint8Array.from([...damaged, 0]))).check, (await load(fe, bytes)).check];
    },
    answers: { reject: [1n, 1n, 1n, 0n], accept: [0n, 0n, 1n, 0n] },
  },
  'open.empty-state': {
    observe: async (connect) => {
      const fe = await connect();
      const before = (await save(fe)).bytes;
      const { check: empty } = await load(fe, NONE);
      const { check: short } = await load(fe, before.subarray(0, 1));
      return [empty, short, sameBytes((await save(fe)).bytes, before)];
    },
    answers: { reject: [1n, 1n, true], accept: [0n, 1n, true] },
  },
  'open.load-before-features': {
    observe: async (connect) => {
      const fe = await connect('plain');
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(0x80000));
      const saved = await save(fe);
      const early = await load(fe, saved.bytes);
      await fe.send(Request.SET_FEATURES, u64(0x4000_0000));
      return [saved.check, early.set, await load(fe, saved.bytes)];
    },
    answers: { accept: [0n, OK, { set: OK, check: 0n }], refuse: [0n, NO, { set: OK, check: 0n }] },
  },
  'open.reset-during-transfer': {
    observe: async (connect, bench) => {
      const results = [];
      for (const [request, payload] of [
        [Request.RESET_DEVICE, NONE],
        [Request.SET_STATUS, u64(0)],
        [Request.SET_FEATURES, u64(0x4000_0000)],
        [Request.SET_OWNER, NONE],
      ] as const) {
        const fe = await connect();
        const { r } = await hangingSave(fe, bench);
        const ack = await fe.number(request, payload, { needReply: true });
        const whole = (await readAll(r)).bytes.length > 65536;
        results.push([ack, whole, await check(fe), (await save(fe)).check]);
      }
      return results;
    },
    answers: {
      cancel: Array(4).fill([0n, false, 1n, 0n]),
      continue: Array(4).fill([0n, true, 0n, 0n]),
      refuse: Array(4).fill([1n, true, 0n, 0n]),
    },
  },
  'open.base-of-unset-ring': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const unset = brief(await fe.call(Request.GET_VRING_BASE, ring(0)));
      const other = await connect();
      await startRing(other, bench);
      const once = brief(await other.call(Request.GET_VRING_BASE, ring(0)));
      return [unset, once, brief(await other.call(Request.GET_VRING_BASE, ring(0)))];
    },
    answers: { answer: Array(3).fill(`11: ${ZERO}`), close: ['gone', `11: ${ZERO}`, 'gone'] },
  },
  'open.base-drops-fds': {
    observe: async (connect) => {
      const fe = await connect();
      const { r, w } = pipe('call');
      await fe.send(Request.SET_VRING_CALL, u64(0), { fds: [w] });
      w.close();
      await fe.call(Request.GET_VRING_BASE, ring(0));
      const got = r.read(1);
      r.close();
      return got === 'end' ? 'closed' : 'open';
    },
    answers: { drop: 'closed', keep: 'open' },
  },
  'open.start-moment': {
    // Whether a ring runs shows where a transfer is refused while one does: see `together`.
    observe: async (connect, { own }) => {
      const fe = await connect();
      await fe.send(Request.SET_VRING_KICK, u64(0), { fds: own(eventfd('kick')) });
      return (await save(fe)).set;
    },
    answers: { 'first-kick': OK, message: NO },
  },
  'open.save-side-effects': {
    observe: async (connect) => {
      const fe = await connect();
      const [a, b] = [(await save(fe)).bytes, (await save(fe)).bytes];
      return sameBytes(a, b);
    },
    answers: { none: true, some: false },
  },
  'open.disconnect-mid-transfer': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const { r } = await hangingSave(fe, bench);
      await bench.leave(fe);
      const { bytes, end } = await readAll(r);
      return [end, bytes.length > 65536];
    },
    answers: { abort: ['eof', false], continue: ['eof', true] },
  },
  'open.log-all': {
    observe: async (connect, bench) => {
      const results = [];
      for (const [before, after] of [
        [0x4000_0000, 0x4400_0000],
        [0x4400_0000, 0x4000_0000],
      ] as const) {
        const fe = await connect('plain');
        await fe.negotiate(undefined, BigInt(before));
        const { r } = await hangingSave(fe, bench);
        await fe.send(Request.SET_FEATURES, u64(after));
        const whole = (await readAll(r)).bytes.length > 65536;
        results.push([whole, await check(fe)]);
      }
      return results;
    },
    answers: {
      ignore: [
        [true, 0n],
        [true, 0n],
      ],
      cancel: [
        [true, 0n],
        [false, 1n],
      ],
    },
  },
  'open.reply-list': {
    observe: async (connect) => typeof (await check(await connect())),
    answers: { reply: 'bigint' },
  },
  'open.kick-after-stop': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const kick = await startRing(fe, bench);
      await fe.call(Request.GET_VRING_BASE, ring(0));
      const stopped = (await save(fe)).set;
      kick.signal();
      await turns();
      return [stopped, (await save(fe)).set];
    },
    answers: { ignored: [OK, OK], starts: [OK, NO] },
  },
  'open.reset-stops': {
    observe: async (connect, bench) => {
      const fe = await connect();
      await startRing(fe, bench);
      await fe.send(Request.RESET_DEVICE);
      return (await save(fe)).set;
    },
    answers: { stops: OK, disables: NO },
  },
  'open.base-error': {
    observe: async (connect) => brief(await (await connect()).call(Request.GET_VRING_BASE, ring(7, 0))),
    answers: { close: 'gone', zero: `11: ${hex(ring(7))}` },
  },
  'open.log-base-reply': {
    observe: async (connect, { own }) => {
      const fe = await connect();
      const [log] = own(memfd('log', 4096));
      const area = payloadOf('log', { size: 4096n, offset: 7n });
      const good = brief(await fe.call(Request.SET_LOG_BASE, area, { fds: [log!] }));
      return [good, await fe.silent(), brief(await fe.call(Request.SET_LOG_BASE, area))];
    },
    answers: {
      none: ['6: ', true, 'gone'],
      u64: [`6: ${ZERO}`, true, `6: ${ONE}`],
      echo: [`6: ${hex(payloadOf('log', { size: 4096n, offset: 7n }))}`, true, 'gone'],
    },
  },
  'open.mem-reg-payload': {
    observe: async (connect, { own }) => {
      const fe = await connect();
      const region = payloadOf('memory-region', { size: 4096n });
      const fds = own(memfd('memory', 4096));
      await fe.send(Request.ADD_MEM_REG, region, { fds });
      await fe.send(Request.REM_MEM_REG, region);
      await fe.send(Request.GET_QUEUE_NUM);
      const answers = [];
      for (let answer = await fe.next(); ; answer = await fe.next()) {
        if (typeof answer === 'string' || answer.request === Request.GET_QUEUE_NUM) return answers;
        answers.push([answer.request, answer.payload.length]);
      }
    },
    answers: {
      none: [],
      echo: [
        [37, 40],
        [38, 40],
      ],
    },
  },
  'open.backend-req-reply': {
    observe: async (connect, { own }) => {
      const fe = await connect();
      const [a] = own(...Socket.pair(['a', 'b']));
      await fe.send(Request.SET_BACKEND_REQ_FD, NONE, { fds: [a!] });
      const unasked = await fe.silent();
      if (!unasked) await fe.next();
      return [unasked, await fe.number(Request.SET_BACKEND_REQ_FD, NONE, { fds: [a!], needReply: true })];
    },
    answers: { asked: [true, 0n], always: [false, 0n] },
  },
  'open.disabled-requests': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const kick = await startRing(fe, bench);
      const left = kick.take();
      if (left > 0n) kick.signal();
      await fe.send(Request.SET_VRING_ENABLE, ring(0, 1));
      await fe.silent();
      await turns();
      return [left, kick.take()];
    },
    // What is in a ring is not looked at: to take requests and to hold them look the same so far.
    answers: { discard: [0n, 0n], hold: [0n, 0n], leave: [1n, 0n] },
  },
  'open.behind-check': {
    observe: async (connect, bench) => {
      const fe = await connect();
      const { r } = await hangingSave(fe, bench);
      await fe.send(Request.CHECK_DEVICE_STATE);
      await fe.send(Request.GET_QUEUE_NUM);
      await turns();
      const early = brief(await fe.next(0));
      await readAll(r);
      return [early, brief(await fe.next())];
    },
    answers: { after: ['quiet', `43: ${ZERO}`], before: [`17: ${hex(u64(2))}`, `43: ${ZERO}`] },
  },
};

/** Answers that show only together with another one. */
const together: Partial<Record<Question, ReferenceOptions['variants']>> = Object.fromEntries(
  (['open.start-moment', 'open.kick-after-stop', 'open.reset-stops'] as const).map((question) => [
    question,
    { 'open.enforce-suspended': 'refuse' },
  ]),
);

for (const [question, answers] of Object.entries(questions) as [Question, readonly string[]][])
  describe(question, () => {
    const { observe, answers: expected } = observations[question];
    for (const answer of answers)
      test(answer, () =>
        withBench(async (bench) => {
          const options = { variants: { ...together[question], [question]: answer } };
          expect(await observe((plain) => bench.connect({ ...options }, plain), bench)).toEqual(expected[answer]);
        }),
      );
  });

test('the default of a question is its first answer', () =>
  withBench(async (bench) => {
    for (const [question, answers] of Object.entries(questions) as [Question, readonly string[]][]) {
      const { observe, answers: expected } = observations[question];
      const variants = together[question] ?? {};
      expect(await observe((plain) => bench.connect({ variants }, plain), bench)).toEqual(expected[answers[0]!]);
    }
  }));

test('the questions and answers are those of the registry, in its order', () => {
  const registered = openQuestions.map(({ id, answers }) => [id, answers.map(({ name }) => name)]);
  expect(Object.entries(questions)).toEqual(registered);
});

describe('a migration works with any answer', () => {
  for (const [question, answers] of Object.entries(questions) as [Question, readonly string[]][])
    for (const answer of answers)
      test(`${question}=${answer}`, () =>
        withBench(async ({ connect }) => {
          const source = await connect({ variants: { [question]: answer } });
          const destination = await connect({ variants: { [question]: answer } });
          const saved = await save(source);
          expect(saved.check).toBe(0n);
          expect((await load(destination, saved.bytes)).check).toBe(0n);
          expect(sameBytes((await save(destination)).bytes, saved.bytes)).toBe(true);
        }));
});

test('a transfer that goes on without its connection does not go on for ever', () =>
  withBench(async (bench) => {
    const counters = () => openDescriptors().filter(({ target }) => target.includes('eventfd')).length;
    const before = counters();
    const fe = await bench.connect({ variants: { 'open.disconnect-mid-transfer': 'continue' } });
    const [counter] = bench.own(eventfd('channel'));
    expect(await set(fe, LOAD, counter!)).toBe(OK);
    // The one that went over; ours was closed.
    expect(counters()).toBe(before + 1);
    await bench.leave(fe);
    expect(counters()).toBe(before);
  }));
