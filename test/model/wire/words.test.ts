import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bit,
  bitNames,
  decodeStateReply,
  decodeVringFd,
  encodeFields,
  formatHex,
  hasBit,
  ProtocolFeature,
  parseHex,
  resolveFields,
  stateReply,
  Value64Error,
  vringFd,
  WireError,
} from '../../../model/wire/index.js';

const byte = fc.integer({ min: 0, max: 255 });
const word = fc.bigInt(0n, 2n ** 64n - 1n);

describe('ring descriptor words', () => {
  it('hold an index and whether a descriptor is missing', () => {
    expect([vringFd(3, false), vringFd(3, true), vringFd(255, true)]).toEqual([3n, 0x103n, 0x1ffn]);
    fc.assert(
      fc.property(byte, fc.boolean(), (index, noFd) => {
        expect(decodeVringFd(vringFd(index, noFd))).toEqual({ index, noFd, high: 0n });
      }),
    );
  });

  it('lose no bit', () => {
    fc.assert(
      fc.property(word, (value) => {
        const { index, noFd, high } = decodeVringFd(value);
        expect(vringFd(index, noFd) | high).toBe(value);
        expect(high & 0x1ffn).toBe(0n);
      }),
    );
  });
});

describe('replies to SET_DEVICE_STATE_FD', () => {
  it('hold an error and whether a descriptor is missing', () => {
    expect([stateReply(0, true), stateReply(1, true), stateReply(0, false)]).toEqual([0x100n, 0x101n, 0n]);
    expect(decodeStateReply(0x101n)).toEqual({ error: 1, noFd: true, high: 0n });
    expect(decodeStateReply(0x200n)).toEqual({ error: 0, noFd: false, high: 0x200n });
  });

  it('lose no bit', () => {
    fc.assert(
      fc.property(word, (value) => {
        const { error, noFd, high } = decodeStateReply(value);
        expect(stateReply(error, noFd) | high).toBe(value);
      }),
    );
  });
});

describe('feature words', () => {
  it('name their bits', () => {
    expect(bitNames(bit(19) | bit(3) | bit(63), ProtocolFeature)).toEqual(['REPLY_ACK', 'DEVICE_STATE', 'bit 63']);
    expect([hasBit(8n, 3), hasBit(8n, 2)]).toEqual([true, false]);
  });
});

describe('hexadecimal text', () => {
  it('gives the bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseHex(formatHex(bytes))).toEqual(bytes);
      }),
    );
    expect(parseHex('00 ff\n0A')).toEqual(Uint8Array.of(0, 255, 10));
  });

  it.each(['0', 'xx', '0x00', '000'])('refuses "%s"', (text) => {
    expect(() => parseHex(text)).toThrow(WireError);
  });
});

describe('fields of a trace', () => {
  it('become what the encoder takes, in lists too', () => {
    const fields = resolveFields('memory', { regions: [{ guest: '0x1000', size: 4096 }] });
    expect(fields).toEqual({ regions: [{ guest: 4096n, size: 4096n }] });
    expect(encodeFields('memory', fields)).toHaveLength(40);
    expect(resolveFields('u64', { value: 'offered & ~0x1' }, 7n)).toEqual({ value: 6n });
    expect(resolveFields('shared', { uuid: '00'.repeat(16) })).toEqual({ uuid: new Uint8Array(16) });
  });

  it('are refused where they cannot be meant', () => {
    expect(() => resolveFields('u64', { value: [] })).toThrow('value takes no list');
    expect(() => resolveFields('shared', { uuid: 11 })).toThrow('uuid takes hexadecimal text, in quotes');
    expect(() => resolveFields('u64', { value: 'offered' })).toThrow(Value64Error);
    expect(() => resolveFields('u64', { value: 'much' })).toThrow(Value64Error);
    expect(() => encodeFields('u64', resolveFields('u64', { val: 1 }))).toThrow('no field val');
  });
});
