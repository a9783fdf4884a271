/** Every deliberate bug shows in its own situation, as it says, and nowhere else. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type FaultName, faults, type ReferenceOptions } from '../../../backends/reference/index.js';
import { clauses } from '../../../model/clauses/index.js';
import { Request } from '../../../model/wire/index.js';
import { type Descriptor, eventfd, memfd, pipe, processFacts, Socket, unclosed } from '../../../native/index.js';
import { type Bench, sameBytes, withBench } from './bench.js';
import {
  check,
  type Extra,
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
  writeAll,
} from './front-end.js';

/** What a scenario works with: back-ends with, or without, the fault. */
interface Stage extends Bench {
  readonly fe: FrontEnd;
  /** Another connection to the same back-end, or to another one. */
  again(): Promise<FrontEnd>;
  other(plain?: 'plain'): Promise<FrontEnd>;
  /** How often the back-end crashed. */
  crashes(): number;
}

interface Case {
  readonly observe: (stage: Stage) => Promise<unknown>;
  readonly right: unknown;
  readonly wrong: unknown;
}

const OK = 0x100n;
const NO = 0x101n;
const ACK: Extra = { needReply: true };
const DUE_MS = 200;

const brief = (answer: Message | Nothing) =>
  typeof answer === 'string' ? answer : [answer.request, answer.flags, answer.payload.length];
const ring = (index: number, num = 0) => payloadOf('vring-state', { index, num });
const config = (payload: Uint8Array) => payloadOf('config', { offset: 0, size: payload.length, payload });
const CHANGE = config(Uint8Array.of(1, 2, 3));
const askConfig = payloadOf('config', { offset: 0, size: 3 });

/** The answer to SET_DEVICE_STATE_FD with these descriptors, which are closed here. */
async function setWith(fe: FrontEnd, payload: Uint8Array, ...fds: Descriptor[]): Promise<bigint | string> {
  const answer = await fe.number(Request.SET_DEVICE_STATE_FD, payload, { fds });
  for (const d of fds) d.close();
  return answer;
}

/** A save that nobody reads: the channel, and its reading end. */
async function hangingSave(fe: FrontEnd, { own }: Bench, options: Parameters<typeof pipe>[1] = { capacity: 4096 }) {
  const { r, w } = pipe('channel', options);
  own(r);
  return { answer: await set(fe, SAVE, w), r };
}

/** A save whose reader leaves at once, and its CHECK. */
async function abandonedSave(fe: FrontEnd): Promise<unknown> {
  const { r, w } = pipe('channel');
  const answer = await set(fe, SAVE, w);
  r.close();
  return [answer, await check(fe)];
}

/** A good state of another back-end. */
async function foreignState({ other }: Stage, change = false): Promise<Uint8Array> {
  const fe = await other();
  if (change) await fe.send(Request.SET_CONFIG, CHANGE);
  const { r, w } = pipe('channel');
  await set(fe, SAVE, w);
  const { bytes } = await readAll(r, DUE_MS);
  r.close();
  return bytes;
}

/** Whether a state that is loaded is what is saved afterwards. */
async function roundTrip(stage: Stage, change = false): Promise<unknown> {
  const bytes = await foreignState(stage, change);
  return [(await load(stage.fe, bytes)).check, sameBytes((await save(stage.fe)).bytes, bytes)];
}

/** A call descriptor for ring 0. */
async function call({ fe, own }: Stage) {
  const [event] = own(eventfd('call'));
  await fe.send(Request.SET_VRING_CALL, u64(0), { fds: [event!] });
  return event!;
}

const held = (role: string): number => unclosed().filter((each) => each.role.includes(role)).length;
/** Descriptors that were received by a back-end and are still open. */
const keeps = (): number => held('received from main socket');

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in array buffers that something still refers to. */
const memory = (): number => {
  collect();
  return process.memoryUsage().arrayBuffers;
};

const pause = (fe: FrontEnd) => fe.next(DUE_MS / 2);

const deadQuestion = async (fe: FrontEnd) => {
  await fe.send(Request.GET_QUEUE_NUM);
  return brief(await fe.next(DUE_MS));
};

const damaged = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 100 ? byte ^ 0xff : byte));

const crash = (observe: (stage: Stage) => Promise<unknown>, right: unknown): Case => ({
  async observe(stage) {
    await observe(stage);
    await turns();
    return [stage.crashes(), await deadQuestion(await stage.again())];
  },
  right: [0, right],
  wrong: [1, right],
});

/** Number, flags and payload size of the answer to a request. */
const answered = (request: number, right: readonly number[], wrong: readonly number[]): Case => ({
  observe: async ({ fe }) => brief(await fe.call(request)),
  right,
  wrong,
});

/** Whether nothing comes behind a message, or behind its answer. */
const silence = (after: (fe: FrontEnd) => Promise<unknown>, right: boolean): Case => ({
  observe: async ({ fe }) => {
    await after(fe);
    return fe.silent();
  },
  right,
  wrong: !right,
});

const ANSWERS = [17, 5, 8];

const cases: Record<Exclude<FaultName, 'ignores-sigterm'>, Case> = {
  'reply-no-version': answered(Request.GET_QUEUE_NUM, [17, 5, 8], [17, 4, 8]),
  'reply-no-flag': answered(Request.GET_QUEUE_NUM, [17, 5, 8], [17, 1, 8]),
  'reply-wrong-request': answered(Request.GET_QUEUE_NUM, [17, 5, 8], [18, 5, 8]),
  'reply-size-short': answered(Request.GET_QUEUE_NUM, [17, 5, 8], [17, 5, 4]),
  'check-reply-short': answered(Request.CHECK_DEVICE_STATE, [43, 5, 8], [43, 5, 4]),
  'reply-unasked': silence((fe) => fe.send(Request.SET_OWNER), true),
  'ack-missing': silence((fe) => fe.send(Request.SET_VRING_ENABLE, ring(0, 1), ACK), false),
  'unknown-unanswered': silence((fe) => fe.send(99, NONE, ACK), false),
  'reply-twice': silence((fe) => fe.call(Request.GET_QUEUE_NUM, NONE, ACK), true),
  'ack-always-zero': {
    observe: ({ fe }) => fe.number(Request.SET_VRING_NUM, ring(9, 1), ACK),
    right: 1n,
    wrong: 0n,
  },
  'replies-reversed': {
    observe: async ({ fe }) => {
      await fe.send(Request.GET_QUEUE_NUM);
      await fe.send(Request.GET_STATUS);
      return [brief(await fe.next()), brief(await fe.next())];
    },
    right: [ANSWERS, [40, 5, 8]],
    wrong: [[40, 5, 8], ANSWERS],
  },
  'fragments-dropped': silence((fe) => fe.send(Request.GET_QUEUE_NUM, NONE, { cut: [5] }), false),
  'fragments-lose-descriptors': {
    observe: async ({ fe }) => {
      const { r, w } = pipe('channel');
      const answer = await fe.number(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), { fds: [w], cut: [15] });
      w.close();
      r.close();
      return answer;
    },
    right: OK,
    wrong: NO,
  },
  'set-unnegotiated': {
    observe: async ({ other }) => (await save(await other('plain'))).set,
    right: NO,
    wrong: OK,
  },
  'check-unnegotiated': {
    observe: async ({ other }) => check(await other('plain')),
    right: 1n,
    wrong: 0n,
  },
  'accepts-unoffered': {
    observe: async ({ fe }) => [
      await fe.number(Request.SET_PROTOCOL_FEATURES, u64(0x9b22f), ACK),
      await fe.number(Request.SEND_RARP, u64(0), ACK),
    ],
    right: [1n, 1n],
    wrong: [0n, 0n],
  },
  'protocol-features-late': {
    observe: async ({ other }) => (await other('plain')).number(Request.GET_PROTOCOL_FEATURES),
    right: 0x9b22bn,
    wrong: 0n,
  },
  'protocol-features-ignored-early': {
    observe: async ({ other }) => {
      const fe = await other('plain');
      await fe.send(Request.SET_PROTOCOL_FEATURES, u64(0x9b22b));
      await fe.send(Request.SET_FEATURES, u64(0x4000_0000));
      return fe.number(Request.GET_MAX_MEM_SLOTS);
    },
    right: 32n,
    wrong: 0n,
  },
  'unknown-kills': crash(({ fe }) => fe.send(99), ANSWERS),
  'suspended-call': {
    observe: async (stage) => {
      const event = await call(stage);
      await save(stage.fe);
      return event.take();
    },
    right: 0n,
    wrong: 1n,
  },
  'suspended-call-late': {
    observe: async (stage) => {
      const event = await call(stage);
      await save(stage.fe);
      const early = event.take();
      await pause(stage.fe);
      return [early, event.take()];
    },
    right: [0n, 0n],
    wrong: [0n, 1n],
  },
  'stop-notifies-late': {
    observe: async (stage) => {
      const event = await call(stage);
      await stage.fe.call(Request.GET_VRING_BASE, ring(0));
      const early = event.take();
      await pause(stage.fe);
      return [early, event.take()];
    },
    right: [0n, 0n],
    wrong: [0n, 1n],
  },
  'suspended-message': {
    observe: async ({ fe, own }) => {
      const [ours, theirs] = Socket.pair(['our end', 'their end']);
      own(ours, theirs);
      await fe.send(Request.SET_BACKEND_REQ_FD, NONE, { fds: [theirs] });
      await save(fe);
      const got = ours.receive(100);
      return got === undefined ? 'nothing' : Buffer.from(got.bytes).toString('hex');
    },
    right: 'nothing',
    wrong: '020000000100000000000000',
  },
  'main-socket-message': {
    observe: async ({ fe }) => {
      await fe.send(Request.SET_CONFIG, CHANGE);
      return brief(await fe.call(Request.GET_QUEUE_NUM));
    },
    right: ANSWERS,
    wrong: [2, 1, 0],
  },
  'deaf-in-transfer': {
    observe: async (stage) => {
      const { r } = await hangingSave(stage.fe, stage);
      const first = await deadQuestion(stage.fe);
      await readAll(r);
      return first;
    },
    right: ANSWERS,
    wrong: 'quiet',
  },
  'save-cut': {
    observe: async ({ fe }) => (await save(fe)).bytes.length,
    right: 192 * 1024 + 108,
    wrong: 192 * 1024 + 108 - 1000,
  },
  'save-stops-when-full': {
    observe: async (stage) => {
      const { r } = await hangingSave(stage.fe, stage);
      const { bytes, end } = await readAll(r);
      return [bytes.length > 4096, end, await check(stage.fe)];
    },
    right: [true, 'eof', 0n],
    wrong: [false, 'eof', 0n],
  },
  'save-no-eof': {
    observe: async (stage) => {
      const { r } = await hangingSave(stage.fe, stage);
      const { end } = await readAll(r, DUE_MS);
      const answer = await check(stage.fe);
      await stage.leave(stage.fe);
      return [end, answer, (await readAll(r, DUE_MS)).end];
    },
    right: ['eof', 0n, 'eof'],
    wrong: ['quiet', 0n, 'eof'],
  },
  'save-keeps-duplicate': {
    observe: async (stage) => {
      const { r } = await hangingSave(stage.fe, stage);
      const { end } = await readAll(r, DUE_MS);
      const answer = await check(stage.fe);
      await stage.leave(stage.fe);
      return [end, answer, (await readAll(r, DUE_MS)).end];
    },
    right: ['eof', 0n, 'eof'],
    wrong: ['quiet', 0n, 'eof'],
  },
  'nonblock-gives-up': {
    observe: async (stage) => {
      const results = [];
      for (const nonblock of [undefined, 'both'] as const) {
        const { r } = await hangingSave(stage.fe, stage, nonblock === undefined ? {} : { nonblock });
        await readAll(r);
        results.push(await check(stage.fe));
      }
      return results;
    },
    right: [0n, 0n],
    wrong: [0n, 1n],
  },
  'memory-file-refused': {
    observe: ({ fe }) => set(fe, SAVE, memfd('channel')),
    right: OK,
    wrong: NO,
  },
  'socket-refused': {
    observe: async ({ fe, own }) => {
      const [ours, theirs] = Socket.pair(['our end', 'their end']);
      own(ours);
      return set(fe, SAVE, theirs);
    },
    right: OK,
    wrong: NO,
  },
  'load-one-read': {
    observe: async (stage) => (await load(stage.fe, await foreignState(stage))).check,
    right: 0n,
    wrong: 1n,
  },
  'load-64k': {
    observe: async (stage) => (await load(stage.fe, await foreignState(stage))).check,
    right: 0n,
    wrong: 1n,
  },
  'load-ends-when-empty': {
    observe: async (stage) => {
      const bytes = await foreignState(stage);
      const { r, w } = pipe('channel');
      await set(stage.fe, LOAD, r);
      await writeAll(w, bytes.subarray(0, 50_000));
      await turns();
      await writeAll(w, bytes.subarray(50_000));
      w.close();
      return check(stage.fe);
    },
    right: 0n,
    wrong: 1n,
  },
  'early-close-kills': crash(({ fe }) => abandonedSave(fe), ANSWERS),
  'descriptor-but-flag': {
    observe: async ({ fe, own }) => {
      const { r, w } = pipe('channel');
      own(r, w);
      const answer = await fe.call(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), { fds: [w] });
      return typeof answer === 'string' ? answer : [answer.payload[1], answer.descriptors.length];
    },
    right: [1, 0],
    wrong: [1, 1],
  },
  'no-descriptor-no-flag': {
    observe: async ({ fe, own }) => {
      const { r, w } = pipe('channel');
      own(r, w);
      const answer = await fe.call(Request.SET_DEVICE_STATE_FD, stateParameters(SAVE), { fds: [w] });
      return typeof answer === 'string' ? answer : [answer.payload[1], answer.descriptors.length];
    },
    right: [1, 0],
    wrong: [0, 0],
  },
  'error-with-descriptor': {
    observe: async ({ fe, own }) => {
      const { r, w } = pipe('channel');
      own(r, w);
      const answer = await fe.call(Request.SET_DEVICE_STATE_FD, stateParameters(7), { fds: [w] });
      return typeof answer === 'string' ? answer : [answer.payload[0], answer.descriptors.length];
    },
    right: [1, 0],
    wrong: [1, 1],
  },
  'error-in-high-bits': {
    observe: ({ fe }) => setWith(fe, stateParameters(7), memfd('channel')),
    right: NO,
    wrong: 0x300n,
  },
  'direction-swapped': {
    observe: async ({ fe, own }) => {
      const { r, w } = pipe('channel');
      own(r);
      await set(fe, LOAD, w);
      await check(fe);
      return (await readAll(r)).bytes.length > 0;
    },
    right: false,
    wrong: true,
  },
  'any-direction': {
    observe: ({ fe }) => setWith(fe, stateParameters(2), memfd('channel')),
    right: NO,
    wrong: OK,
  },
  'any-phase': {
    observe: ({ fe }) => setWith(fe, stateParameters(SAVE, 1), memfd('channel')),
    right: NO,
    wrong: OK,
  },
  'no-descriptor-accepted': {
    observe: ({ fe }) => setWith(fe, stateParameters(SAVE)),
    right: NO,
    wrong: OK,
  },
  'two-descriptors-accepted': {
    observe: ({ fe }) => setWith(fe, stateParameters(SAVE), memfd('channel'), memfd('channel')),
    right: NO,
    wrong: OK,
  },
  'check-hasty': {
    observe: async (stage) => {
      const { r } = await hangingSave(stage.fe, stage);
      await stage.fe.send(Request.CHECK_DEVICE_STATE);
      const early = brief(await stage.fe.next(50));
      await readAll(r);
      return early;
    },
    right: 'quiet',
    wrong: [43, 5, 8],
  },
  'check-silent': {
    observe: async ({ fe }) => {
      const { r, w } = pipe('channel');
      await set(fe, SAVE, w);
      await readAll(r);
      r.close();
      await fe.send(Request.CHECK_DEVICE_STATE);
      return brief(await fe.next(DUE_MS));
    },
    right: [43, 5, 8],
    wrong: 'quiet',
  },
  'check-always-good': {
    observe: async ({ fe }) => [(await load(fe, Uint8Array.of(1, 2, 3))).check, await abandonedSave(fe)],
    right: [1n, [OK, 1n]],
    wrong: [0n, [OK, 0n]],
  },
  'check-truncated-good': {
    observe: async (stage) => {
      const bytes = await foreignState(stage);
      const cut = (await load(stage.fe, bytes.subarray(0, 100_000))).check;
      return [cut, (await load(stage.fe, damaged(bytes))).check];
    },
    right: [1n, 1n],
    wrong: [0n, 1n],
  },
  'check-damaged-good': {
    observe: async (stage) => {
      const bytes = await foreignState(stage);
      const cut = (await load(stage.fe, bytes.subarray(0, 100_000))).check;
      return [cut, (await load(stage.fe, damaged(bytes))).check];
    },
    right: [1n, 1n],
    wrong: [1n, 0n],
  },
  'check-foreign-good': {
    observe: async ({ fe }) => [(await load(fe, new Uint8Array(100).fill(7))).check, (await load(fe, NONE)).check],
    right: [1n, 1n],
    wrong: [0n, 1n],
  },
  'check-abandoned-good': {
    observe: ({ fe }) => abandonedSave(fe),
    right: [OK, 1n],
    wrong: [OK, 0n],
  },
  'check-load-bad': {
    observe: async (stage) => [(await load(stage.fe, await foreignState(stage))).check, (await save(stage.fe)).check],
    right: [0n, 0n],
    wrong: [1n, 0n],
  },
  'check-save-bad': {
    observe: async (stage) => [(await load(stage.fe, await foreignState(stage))).check, (await save(stage.fe)).check],
    right: [0n, 0n],
    wrong: [0n, 1n],
  },
  'load-does-nothing': { observe: (stage) => roundTrip(stage), right: [0n, true], wrong: [0n, false] },
  'load-loses-config': { observe: (stage) => roundTrip(stage, true), right: [0n, true], wrong: [0n, false] },
  'load-loses-identity': { observe: (stage) => roundTrip(stage), right: [0n, true], wrong: [0n, false] },
  'load-counts': { observe: (stage) => roundTrip(stage), right: [0n, true], wrong: [0n, false] },
  'bad-load-applies': {
    observe: async (stage) => {
      const before = (await save(stage.fe)).bytes;
      const answer = (await load(stage.fe, damaged(await foreignState(stage)))).check;
      return [answer, sameBytes((await save(stage.fe)).bytes, before)];
    },
    right: [1n, true],
    wrong: [1n, false],
  },
  'reset-keeps-state': {
    observe: async ({ fe }) => {
      const before = (await save(fe)).bytes;
      await fe.send(Request.SET_CONFIG, CHANGE);
      await fe.send(Request.RESET_DEVICE);
      return sameBytes((await save(fe)).bytes, before);
    },
    right: true,
    wrong: false,
  },
  'one-abandoned-save': {
    observe: async ({ fe }) => [await abandonedSave(fe), (await save(fe)).set],
    right: [[OK, 1n], OK],
    wrong: [[OK, 1n], NO],
  },
  'bad-load-sticks': {
    observe: async (stage) => {
      const bytes = await foreignState(stage);
      const first = (await load(stage.fe, bytes)).check;
      const bad = (await load(stage.fe, NONE)).check;
      return [first, bad, (await load(stage.fe, bytes)).check];
    },
    right: [0n, 1n, 0n],
    wrong: [0n, 1n, 1n],
  },
  'one-direction': {
    observe: async ({ fe }) => {
      const { bytes } = await save(fe);
      return [(await save(fe)).set, (await load(fe, bytes)).set];
    },
    right: [OK, OK],
    wrong: [OK, NO],
  },
  'abandon-resets-config': {
    observe: async ({ fe }) => {
      await fe.send(Request.SET_CONFIG, CHANGE);
      await abandonedSave(fe);
      const answer = await fe.call(Request.GET_CONFIG, askConfig);
      return typeof answer === 'string' ? answer : answer.payload[12];
    },
    right: 1,
    wrong: 0,
  },
  'base-forgotten': {
    observe: async ({ fe }) => {
      await fe.send(Request.SET_VRING_BASE, ring(0, 5));
      const answer = await fe.call(Request.GET_VRING_BASE, ring(0));
      return typeof answer === 'string' ? answer : answer.payload[4];
    },
    right: 5,
    wrong: 0,
  },
  'save-resets-base': {
    observe: async ({ fe }) => {
      await fe.send(Request.SET_VRING_BASE, ring(0, 5));
      const before = await fe.call(Request.GET_VRING_BASE, ring(0));
      await save(fe);
      const after = await fe.call(Request.GET_VRING_BASE, ring(0));
      return [before, after].map((answer) => (typeof answer === 'string' ? answer : answer.payload[4]));
    },
    right: [5, 5],
    wrong: [5, 0],
  },
  'leak-refused-channel': {
    observe: async ({ fe }) => {
      await setWith(fe, stateParameters(7), memfd('channel'));
      return keeps();
    },
    right: 0,
    wrong: 1,
  },
  'leak-loaded-channel': {
    observe: async ({ fe }) => {
      await load(fe, NONE);
      return keeps();
    },
    right: 0,
    wrong: 1,
  },
  'leak-malformed': {
    observe: async ({ fe, own }) => {
      await fe.send(Request.SET_OWNER, NONE, { fds: own(memfd('fd'), memfd('fd')) });
      await fe.silent();
      return keeps();
    },
    right: 0,
    wrong: 2,
  },
  'leak-replaced-kick': {
    observe: async ({ fe, own }) => {
      for (let i = 0; i < 3; i++) await fe.send(Request.SET_VRING_KICK, u64(0), { fds: own(eventfd('kick')) });
      await fe.silent();
      return keeps();
    },
    right: 1,
    wrong: 3,
  },
  'leak-on-disconnect': {
    observe: async (stage) => {
      await hangingSave(stage.fe, stage);
      await stage.leave(stage.fe);
      return keeps();
    },
    right: 0,
    wrong: 1,
  },
  'leak-thread': {
    observe: async ({ fe }) => {
      const before = processFacts(process.pid)!.threads;
      for (let i = 0; i < 3; i++) await save(fe);
      await pause(fe);
      return processFacts(process.pid)!.threads - before >= 3;
    },
    right: false,
    wrong: true,
  },
  'leak-memory': {
    observe: async ({ fe }) => {
      const before = memory();
      for (let i = 0; i < 3; i++) await save(fe);
      return memory() - before > 90 << 20;
    },
    right: false,
    wrong: true,
  },
  'load-kept': {
    observe: async ({ fe }) => {
      const before = memory();
      for (let i = 0; i < 50; i++) await load(fe, new Uint8Array(1 << 20));
      return memory() - before > 45 << 20;
    },
    right: false,
    wrong: true,
  },
  spin: {
    observe: async ({ fe }) => {
      await save(fe);
      const before = process.cpuUsage();
      await fe.next(DUE_MS);
      const { user, system } = process.cpuUsage(before);
      return user + system > DUE_MS * 150;
    },
    right: false,
    wrong: true,
  },
  'reconnect-stale': {
    observe: async ({ fe, leave, again }) => {
      await fe.send(Request.SET_CONFIG, CHANGE);
      await leave(fe);
      const answer = await (await again()).call(Request.GET_CONFIG, askConfig);
      return typeof answer === 'string' ? answer : answer.payload[12];
    },
    right: 0,
    wrong: 1,
  },
  'reconnect-refused': {
    observe: async ({ fe, leave, again }) => {
      await leave(fe);
      return deadQuestion(await again());
    },
    right: ANSWERS,
    wrong: 'gone',
  },
  'bad-direction-closes': {
    observe: ({ fe }) => setWith(fe, stateParameters(2), memfd('channel')),
    right: NO,
    wrong: 'gone',
  },
  'deaf-after-refusal': {
    observe: async ({ fe }) => [await setWith(fe, stateParameters(2), memfd('channel')), await deadQuestion(fe)],
    right: [NO, ANSWERS],
    wrong: [NO, 'quiet'],
  },
  'bad-size-kills': crash(({ fe }) => setWith(fe, new Uint8Array(7)), ANSWERS),
  'many-descriptors-kill': crash(
    ({ fe }) => setWith(fe, stateParameters(SAVE), ...Array.from({ length: 9 }, () => memfd('fd'))),
    ANSWERS,
  ),
  'oversize-kills': crash(({ fe }) => fe.send(Request.SET_OWNER, NONE, { size: 5000 }), ANSWERS),
  'lone-check-kills': crash(({ fe }) => check(fe), ANSWERS),
  'empty-load-kills': crash(({ fe }) => load(fe, NONE), ANSWERS),
  'disconnect-kills': crash(async (stage) => {
    await hangingSave(stage.fe, stage);
    await stage.leave(stage.fe);
  }, ANSWERS),
};

/** Play a scenario with these faults. */
async function play(observe: Case['observe'], names: readonly FaultName[]): Promise<unknown> {
  let seen: unknown;
  await withBench(async (bench) => {
    let crashes = 0;
    // A crash in this process is the end of the connections to it.
    const back = (): ReferenceOptions => ({
      faults: names,
      crash: () => {
        crashes++;
      },
    });
    const options = back();
    const fe = await bench.connect(options);
    seen = await observe({
      ...bench,
      fe,
      again: () => bench.connect(options),
      other: (plain) => bench.connect(back(), plain),
      crashes: () => crashes,
    });
  });
  return seen;
}

describe('each fault shows, and only where it is on', () => {
  for (const [name, { observe, right, wrong }] of Object.entries(cases))
    test(`${name}: ${faults[name as FaultName].text}`, async () => {
      expect(await play(observe, [])).toEqual(right);
      expect(await play(observe, [name as FaultName])).toEqual(wrong);
    });
});

test('every fault is tried, but the one that only a process shows', () => {
  expect([...Object.keys(cases), 'ignores-sigterm'].sort()).toEqual(Object.keys(faults).sort());
  expect(Object.keys(faults).length).toBeGreaterThanOrEqual(45);
});

test('every fault names a clause that there is', () => {
  const known = new Set<string>(clauses.map(({ id }) => id));
  for (const [name, { clause }] of Object.entries(faults)) expect([name, known.has(clause)]).toEqual([name, true]);
});

/** Faults that show in any lawful conversation. */
const everywhere = new Set<string>([
  'reply-no-version',
  'reply-no-flag',
  'reply-wrong-request',
  'reply-size-short',
  'protocol-features-late',
]);

describe('outside of its situation a fault changes nothing', () => {
  /** A lawful conversation without a transfer, a reset, a split message, or anything wrong in it. */
  const conversation = async ({ other, own, leave }: Stage): Promise<unknown> => {
    const fe = await other('plain');
    const seen: unknown[] = [];
    const ask = async (...args: Parameters<FrontEnd['call']>) => {
      const answer = await fe.call(...args);
      seen.push(typeof answer === 'string' ? answer : { ...answer, descriptors: answer.descriptors.length });
    };
    await ask(Request.GET_FEATURES);
    await fe.send(Request.SET_FEATURES, u64(0x1_4000_0000));
    await ask(Request.GET_PROTOCOL_FEATURES);
    await fe.send(Request.SET_PROTOCOL_FEATURES, u64(0x9b22b));
    await ask(Request.SET_OWNER, NONE, ACK);
    await ask(Request.GET_QUEUE_NUM);
    await ask(Request.GET_MAX_MEM_SLOTS);
    await ask(Request.SET_VRING_NUM, ring(0, 64), ACK);
    await ask(Request.SET_VRING_BASE, ring(0, 0), ACK);
    const [kick, event] = own(eventfd('kick'), eventfd('call'));
    await ask(Request.SET_VRING_KICK, u64(0), { fds: [kick!], ...ACK });
    await ask(Request.SET_VRING_CALL, u64(0), { fds: [event!], ...ACK });
    kick!.signal();
    await ask(Request.GET_CONFIG, askConfig);
    await ask(Request.SET_STATUS, u64(4), ACK);
    await ask(Request.GET_STATUS);
    const keptThen = keeps();
    await leave(fe);
    return [seen, kick!.take(), event!.take(), keptThen, keeps()];
  };

  for (const name of Object.keys(faults).filter((each) => !everywhere.has(each)))
    test(name, async () => {
      expect(await play(conversation, [name as FaultName])).toEqual(await play(conversation, []));
    });
});
