import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { expectNoDescriptorsLeft, peerGone } from './support.js';

expectNoDescriptorsLeft();

/** One send: some bytes and the indices of the descriptors that go with them. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly carried: readonly number[];
}

const OBJECTS = 5;

const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    carried: fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.nat(OBJECTS - 1), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(fc.nat(OBJECTS - 1), { maxLength: n.MAX_DESCRIPTORS }) },
    ),
  }),
  { maxLength: 20 },
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test('any bytes cut anywhere with any descriptors arrive whole and in order', () => {
  const objects = Array.from({ length: OBJECTS }, (_, i) => n.eventfd(`object ${i}`));
  fc.assert(
    fc.property(pieces, fc.infiniteStream(fc.integer({ min: 1, max: 500 })), fc.boolean(), (sent, sizes, mode) => {
      const [a, b] = n.Socket.pair(['a', 'b']);
      a.nonblock = mode;
      b.nonblock = !mode;
      const bytes: Uint8Array[] = [];
      const descriptors: n.Descriptor[] = [];
      /** Where in the byte stream each descriptor came: no later than the first byte of its piece. */
      const places: number[] = [];
      let read = 0;
      const drain = () => {
        for (;;) {
          const got = b.receive(sizes.next().value!);
          if (got === undefined) return;
          expect(got.truncated || got.end).toBe(false);
          for (const descriptor of got.descriptors) {
            descriptors.push(descriptor);
            places.push(read);
          }
          bytes.push(got.bytes);
          read += got.bytes.length;
        }
      };
      const due: number[] = [];
      let position = 0;
      for (const [i, piece] of sent.entries()) {
        const carried = piece.carried.map((index) => objects[index]!);
        let taken = a.send(piece.bytes, carried);
        if (taken === 0) {
          drain();
          taken = a.send(piece.bytes, carried);
        }
        while (taken < piece.bytes.length) {
          drain();
          taken += a.send(piece.bytes.subarray(taken));
        }
        for (const _ of carried) due.push(position);
        position += piece.bytes.length;
        if (i % 3 === 0) drain();
      }
      a.close();
      expect(peerGone(b)).toBe(true);
      for (let end = false; !end; ) {
        const got = b.receive(sizes.next().value!)!;
        for (const descriptor of got.descriptors) {
          descriptors.push(descriptor);
          places.push(read);
        }
        bytes.push(got.bytes);
        read += got.bytes.length;
        end = got.end;
      }
      b.close();
      const order = sent.flatMap((piece) => piece.carried);
      const matches = descriptors.map((descriptor, i) => descriptor.same(objects[order[i]!]!));
      for (const descriptor of descriptors) descriptor.close();
      expect(joined(bytes)).toEqual(joined(sent.map((piece) => piece.bytes)));
      expect(descriptors.length).toBe(order.length);
      expect(matches.every(Boolean)).toBe(true);
      // The receive that brings a descriptor brings the first byte of its piece, too.
      for (const [i, place] of places.entries()) expect(place).toBeLessThanOrEqual(due[i]!);
    }),
    { numRuns: 200 },
  );
  for (const object of objects) object.close();
});
