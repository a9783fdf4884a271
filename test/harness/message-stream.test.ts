import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageStream } from '../../harness/message-stream.js';
import { concat, encodeHeader } from '../../model/wire/index.js';
import { prop } from './prop.js';

const message = fc.record({
  request: fc.nat(0xffff_ffff),
  flags: fc.nat(0xffff_ffff),
  payload: fc.uint8Array({ maxLength: 40 }),
});

prop(
  'messages come out as they went in, however they are cut',
  fc.tuple(
    fc.array(message, { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
  ),
  ([messages, cuts]) => {
    const bytes = concat(
      messages.map((m) =>
        concat([encodeHeader({ request: m.request, flags: m.flags, size: m.payload.length }), m.payload]),
      ),
    );
    const stream = new MessageStream<never>(64);
    const out = [];
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const next = Math.min(bytes.length, at + cuts[i % cuts.length]!);
      out.push(...stream.push(bytes.slice(at, next)).messages);
      at = next;
    }
    expect(out).toEqual(messages.map((m) => ({ ...m, descriptors: [] })));
    expect(stream.rest.length).toBe(0);
  },
);

prop(
  'a reader that asks for what is wanted gives every descriptor to the message that it came with',
  // Shorter than any lawful reply only at the end: see the class.
  fc.array(fc.record({ payload: fc.uint8Array({ minLength: 8, maxLength: 40 }), fds: fc.nat(3), at: fc.nat(51) }), {
    maxLength: 8,
  }),
  (messages) => {
    const stream = new MessageStream<string>(64);
    for (const [index, m] of messages.entries()) {
      const bytes = concat([encodeHeader({ request: index, flags: 5, size: m.payload.length }), m.payload]);
      const sent = Array.from({ length: m.fds }, (_, i) => `${index}.${i}`);
      const place = Math.min(m.at, bytes.length - 1);
      const got = [];
      for (let at = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + stream.wanted());
        got.push(...stream.push(bytes.slice(at, end), at <= place && place < end ? sent : []).messages);
        at = end;
      }
      expect(got.map((g) => [g.request, g.descriptors])).toEqual([[index, sent]]);
    }
  },
);

test('it never asks for nothing, and never for more than the rest of a message', () => {
  const stream = new MessageStream(1_000);
  expect(stream.wanted()).toBe(20);
  stream.push(new Uint8Array(5));
  expect(stream.wanted()).toBe(15);
  const long = new MessageStream(1_000);
  long.push(concat([encodeHeader({ request: 1, flags: 5, size: 100 }), new Uint8Array(8)]));
  expect(long.wanted()).toBe(92);
});

test('a size beyond the limit: what came before it is kept, nothing is collected after it', () => {
  const stream = new MessageStream<string>(100);
  const good = encodeHeader({ request: 1, flags: 5, size: 0 });
  const bad = encodeHeader({ request: 2, flags: 5, size: 101 });
  const { messages, oversize } = stream.push(concat([good, bad]), ['d']);
  expect(messages.map((m) => m.request)).toEqual([1]);
  expect(oversize).toEqual(bad);
  expect(stream.takeDescriptors()).toEqual(['d']);
  expect(stream.takeDescriptors()).toEqual([]);
});
