import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePayload,
  encodeFields,
  encodePayload,
  fieldNames,
  isConfigError,
  layouts,
  type PayloadKind,
  WireError,
} from '../../../model/wire/index.js';
import { fieldsOf, kinds } from './arbitraries.js';

/** Bytes with padding, which means nothing, set to zero, and slots that are not in use cut off. */
function canonical(kind: PayloadKind, bytes: Uint8Array): Uint8Array {
  const used = encodeFields(kind, decodePayload(kind, bytes) as never).length;
  const out = new Uint8Array(used);
  out.set(bytes.subarray(0, used));
  for (const field of layouts[kind].fields)
    if (field.type === 'padding') out.fill(0, field.offset, field.offset + field.width);
  return out;
}

describe.each(kinds)('payload %s', (kind) => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(fieldsOf(layouts[kind]), (fields) => {
        expect(decodePayload(kind, encodeFields(kind, fields))).toEqual(fields);
      }),
    );
  });

  it('is refused, or encodes to the same bytes again', () => {
    const { size } = layouts[kind];
    const near = fc.integer({ min: Math.max(0, size - 9), max: size + 64 });
    const any = near.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    const valid = fieldsOf(layouts[kind]).map((fields) => encodeFields(kind, fields));
    const bent = fc
      .tuple(valid, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }), fc.integer({ min: -3, max: 3 }))
      .map(([bytes, flips, more]) => {
        const out = new Uint8Array(Math.max(0, bytes.length + more));
        out.set(bytes.subarray(0, out.length));
        for (const [at, value] of flips) if (at < out.length) out[at] = value;
        return out;
      });
    fc.assert(
      fc.property(fc.oneof(any, bent), (bytes) => {
        let fields: object;
        try {
          fields = decodePayload(kind, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          return;
        }
        expect(encodeFields(kind, fields as never)).toEqual(canonical(kind, bytes));
      }),
    );
  });

  it('is refused when one byte is missing before its trailing padding, or one is left over', () => {
    const bytes = encodeFields(kind, {});
    const tail = layouts[kind].fields.find((f) => f.name === 'tail');
    const least = bytes.length - (tail?.width ?? 0);
    if (kind !== 'crypto-session') {
      if (least > 0) expect(() => decodePayload(kind, bytes.subarray(0, least - 1))).toThrow(WireError);
      expect(() => decodePayload(kind, new Uint8Array(bytes.length + 1))).toThrow(WireError);
    }
    expect(() => decodePayload(kind, bytes.subarray(0, least))).not.toThrow();
  });

  it('encodes fields that are left out as zero', () => {
    expect(encodeFields(kind, {}).every((byte) => byte === 0)).toBe(true);
  });
});

/** Name, offset and width of the fields, as the source draws them. */
const DRAWN: Record<PayloadKind, readonly (readonly [string, number, number])[]> = {
  none: [],
  u64: [['value', 0, 8]],
  'vring-state': [
    ['index', 0, 4],
    ['num', 4, 4],
  ],
  'vring-address': [
    ['index', 0, 4],
    ['flags', 4, 4],
    ['descriptor', 8, 8],
    ['used', 16, 8],
    ['available', 24, 8],
    ['log', 32, 8],
  ],
  memory: [
    ['num', 0, 4],
    ['padding', 4, 4],
    ['regions', 8, 0],
  ],
  'memory-xen': [
    ['num', 0, 4],
    ['padding', 4, 4],
    ['regions', 8, 0],
  ],
  'memory-region': [
    ['padding', 0, 8],
    ['guest', 8, 8],
    ['size', 16, 8],
    ['user', 24, 8],
    ['offset', 32, 8],
  ],
  'memory-region-xen': [
    ['padding', 0, 8],
    ['guest', 8, 8],
    ['size', 16, 8],
    ['user', 24, 8],
    ['offset', 32, 8],
    ['xenFlags', 40, 4],
    ['domid', 44, 4],
  ],
  log: [
    ['size', 0, 8],
    ['offset', 8, 8],
  ],
  iotlb: [
    ['iova', 0, 8],
    ['size', 8, 8],
    ['user', 16, 8],
    ['permissions', 24, 1],
    ['type', 25, 1],
    ['tail', 26, 6],
  ],
  config: [
    ['offset', 0, 4],
    ['size', 4, 4],
    ['flags', 8, 4],
    ['payload', 12, 0],
  ],
  area: [
    ['value', 0, 8],
    ['size', 8, 8],
    ['offset', 16, 8],
  ],
  inflight: [
    ['size', 0, 8],
    ['offset', 8, 8],
    ['queues', 16, 2],
    ['queueSize', 18, 2],
    ['tail', 20, 4],
  ],
  shared: [['uuid', 0, 16]],
  'device-state': [
    ['direction', 0, 4],
    ['phase', 4, 4],
  ],
  'crypto-session': [['bytes', 0, 0]],
};

describe('layouts', () => {
  it.each(kinds)('%s lies as the source draws it', (kind) => {
    expect(layouts[kind].fields.map((f) => [f.name, f.offset, f.width])).toEqual(DRAWN[kind]);
  });

  it('shows padding and counts to nobody', () => {
    expect(fieldNames(layouts.memory)).toEqual(['regions']);
    expect(fieldNames(layouts['memory-region'])).toEqual(['guest', 'size', 'user', 'offset']);
    expect(fieldNames(layouts.iotlb)).toEqual(['iova', 'size', 'user', 'permissions', 'type']);
  });
});

describe('memory tables', () => {
  const region = { guest: 1n, size: 2n, user: 3n, offset: 4n };

  it.each([0, 1, 2, 8])('take 8 bytes and 32 for each of %i regions', (n) => {
    expect(encodePayload('memory', { regions: Array(n).fill(region) })).toHaveLength(8 + 32 * n);
    expect(encodePayload('memory-xen', { regions: Array(n).fill({ ...region, xenFlags: 1, domid: 2 }) })).toHaveLength(
      8 + 40 * n,
    );
  });

  it('are understood with all eight slots sent', () => {
    const used = encodePayload('memory', { regions: [region, region] });
    const whole = new Uint8Array(8 + 8 * 32).fill(0xaa);
    whole.set(used);
    expect(decodePayload('memory', whole)).toEqual({ regions: [region, region] });
  });

  it('are refused with slots between used and all, and with more than eight regions', () => {
    const used = encodePayload('memory', { regions: [region] });
    const three = new Uint8Array(8 + 3 * 32);
    three.set(used);
    expect(() => decodePayload('memory', three)).toThrow('64 bytes too many (at byte 40)');
    const nine = encodePayload('memory', { regions: Array(9).fill(region) });
    expect(nine).toHaveLength(8 + 9 * 32);
    expect(() => decodePayload('memory', nine)).toThrow('at most 8');
  });
});

describe('config', () => {
  it('fills a payload that is left out with as many zeros as the size says, within reason', () => {
    expect(encodePayload('config', { size: 8 })).toHaveLength(20);
    expect(encodePayload('config', { size: 0xffffffff })).toHaveLength(12);
  });

  it('knows a failed reply', () => {
    expect(isConfigError(new Uint8Array(0))).toBe(true);
    expect(isConfigError(encodePayload('config', { size: 8, payload: new Uint8Array(0) }))).toBe(true);
    expect(isConfigError(encodePayload('config', { size: 1 }))).toBe(false);
  });

  it('is refused where its size lies', () => {
    const bytes = encodePayload('config', { size: 9, payload: new Uint8Array(8) });
    expect(() => decodePayload('config', bytes)).toThrow('payload ends at 21, there are 20 bytes');
  });
});

describe('C structs that end in padding', () => {
  it.each([
    ['iotlb', 32, 26],
    ['inflight', 24, 20],
  ] as const)('%s is sent with %i bytes and understood with %i', (kind, whole, bare) => {
    const bytes = encodeFields(kind, { size: 7n });
    expect(bytes).toHaveLength(whole);
    expect(decodePayload(kind, bytes.subarray(0, bare))).toEqual(decodePayload(kind, bytes));
    expect(() => decodePayload(kind, bytes.subarray(0, bare + 1))).toThrow('1 bytes too many');
  });
});

describe('encoding', () => {
  it('is in the byte order of the machine', () => {
    const native = new Uint8Array(new BigUint64Array([0x0102030405060708n]).buffer);
    expect(encodePayload('u64', { value: 0x0102030405060708n })).toEqual(native);
    const two = new Uint8Array(new Uint32Array([0x01020304, 5]).buffer);
    expect(encodePayload('vring-state', { index: 0x01020304, num: 5 })).toEqual(two);
  });

  it('refuses what no field can hold', () => {
    expect(() => encodeFields('vring-state', { num: 2 ** 32 })).toThrow(
      'num: 4294967296 does not fit 4 bytes (at byte 4)',
    );
    expect(() => encodeFields('u64', { value: 2n ** 64n })).toThrow('does not fit 8 bytes');
    expect(() => encodeFields('u64', { value: -1 })).toThrow('does not fit');
    expect(() => encodeFields('u64', { value: 1.5 })).toThrow('whole number');
    expect(() => encodeFields('u64', { value: [] })).toThrow('whole number');
    expect(() => encodeFields('memory', { regions: 3 })).toThrow('takes a list');
    expect(() => encodeFields('shared', { uuid: new Uint8Array(15) })).toThrow('takes 16 bytes, not 15');
    expect(() => encodeFields('config', { payload: 1 })).toThrow('takes bytes');
    expect(() => encodeFields('device-state', { way: 1 })).toThrow('no field way; there is direction, phase');
    expect(() => encodeFields('none', { value: 1 })).toThrow('no field value; there are none');
  });

  it('tells where bytes are missing', () => {
    const error = (() => {
      try {
        decodePayload('vring-state', new Uint8Array(6));
      } catch (e) {
        return e as WireError;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(WireError);
    expect(error?.offset).toBe(6);
    expect(error?.reason).toBe('num needs 8 bytes, there are 6');
  });
});
