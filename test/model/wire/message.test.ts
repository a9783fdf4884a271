import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BackendRequest,
  backendMessageOf,
  backendMessages,
  backendRequestName,
  decodeHeader,
  decodePayload,
  encodeHeader,
  encodeMessage,
  FLAG_NEED_REPLY,
  FLAG_REPLY,
  HEADER_SIZE,
  layouts,
  type MessageSpec,
  messageOf,
  messages,
  ProtocolFeature,
  payloadKind,
  Request,
  requestName,
  VERSION,
  WireError,
} from '../../../model/wire/index.js';
import { fieldsOf } from './arbitraries.js';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('header', () => {
  it('is three 32-bit numbers', () => {
    expect(HEADER_SIZE).toBe(12);
    const bytes = new Uint8Array(new Uint32Array([42, 5, 8]).buffer);
    expect(encodeHeader({ request: 42, flags: 5, size: 8 })).toEqual(bytes);
  });

  it('decodes to what was encoded, whatever follows', () => {
    fc.assert(
      fc.property(fc.record({ request: word, flags: word, size: word }), fc.uint8Array(), (header, more) => {
        expect(decodeHeader(Uint8Array.from([...encodeHeader(header), ...more]))).toEqual(header);
      }),
    );
  });

  it('takes 12 bytes', () => {
    expect(() => decodeHeader(new Uint8Array(11))).toThrow(WireError);
  });

  it('has the flags of the source', () => {
    expect([VERSION, FLAG_REPLY, FLAG_NEED_REPLY]).toEqual([1, 4, 8]);
  });
});

const both: (readonly ['front-end' | 'back-end', MessageSpec])[] = [
  ...Object.values(messages).map((spec) => ['front-end', spec] as const),
  ...Object.values(backendMessages).map((spec) => ['back-end', spec] as const),
];

describe.each(both.map(([side, spec]) => [side, spec.name, spec] as const))('%s %s', (initiator, _name, spec) => {
  it.each([...new Set([spec.request, ...spec.otherRequests])])('request with payload %s', (kind) => {
    fc.assert(
      fc.property(fieldsOf(layouts[kind]), (fields) => {
        const bytes = encodeMessage({ request: spec.number, fields, initiator });
        const header = decodeHeader(bytes);
        expect(header).toEqual({ request: spec.number, flags: 1, size: bytes.length - HEADER_SIZE });
        const chosen = payloadKind(spec.number, fields, { initiator });
        expect(decodePayload(chosen, bytes.subarray(HEADER_SIZE))).toEqual(fields);
      }),
      { numRuns: 30 },
    );
  });

  it.each([...new Set([spec.reply, ...spec.otherReplies])])('reply with payload %s', (kind) => {
    fc.assert(
      fc.property(fieldsOf(layouts[kind]), (fields) => {
        const flags = VERSION | FLAG_REPLY;
        const bytes = encodeMessage({ request: spec.number, flags, fields, initiator });
        expect(decodeHeader(bytes)).toEqual({ request: spec.number, flags, size: bytes.length - HEADER_SIZE });
        const chosen = payloadKind(spec.number, fields, { reply: true, initiator });
        expect(decodePayload(chosen, bytes.subarray(HEADER_SIZE))).toEqual(fields);
      }),
      { numRuns: 30 },
    );
  });
});

describe('tables', () => {
  it('number the front-end messages 1 to 43, in the order of the source', () => {
    const numbers = Object.values(Request);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 43 }, (_, i) => i + 1));
    for (const spec of Object.values(messages)) {
      expect(messageOf(spec.number)).toBe(spec);
      expect(Request[spec.name as keyof typeof Request]).toBe(spec.number);
    }
    expect(Request).toMatchObject({
      GET_FEATURES: 1,
      SET_OWNER: 3,
      SET_MEM_TABLE: 5,
      GET_VRING_BASE: 11,
      SET_VRING_KICK: 12,
      GET_PROTOCOL_FEATURES: 15,
      SET_VRING_ENABLE: 18,
      SET_BACKEND_REQ_FD: 21,
      GET_CONFIG: 24,
      POSTCOPY_END: 30,
      RESET_DEVICE: 34,
      ADD_MEM_REG: 37,
      GET_STATUS: 40,
      SET_DEVICE_STATE_FD: 42,
      CHECK_DEVICE_STATE: 43,
    });
  });

  it('number the back-end messages 1 to 8', () => {
    expect(BackendRequest).toEqual({
      IOTLB_MSG: 1,
      CONFIG_CHANGE_MSG: 2,
      VRING_HOST_NOTIFIER_MSG: 3,
      VRING_CALL: 4,
      VRING_ERR: 5,
      SHARED_OBJECT_ADD: 6,
      SHARED_OBJECT_REMOVE: 7,
      SHARED_OBJECT_LOOKUP: 8,
    });
  });

  it('number the protocol features 0 to 19 in the order of the source', () => {
    expect(Object.entries(ProtocolFeature)).toEqual(
      [
        'MQ LOG_SHMFD RARP REPLY_ACK MTU BACKEND_REQ CROSS_ENDIAN CRYPTO_SESSION PAGEFAULT CONFIG BACKEND_SEND_FD',
        'HOST_NOTIFIER INFLIGHT_SHMFD RESET_DEVICE INBAND_NOTIFICATIONS CONFIGURE_MEM_SLOTS STATUS XEN_MMAP',
        'SHARED_OBJECT DEVICE_STATE',
      ]
        .join(' ')
        .split(' ')
        .map((name, n) => [name, n]),
    );
  });

  it('say which messages bring descriptors: those that the source lists, and SET_LOG_FD, GPU_SET_SOCKET, REM_MEM_REG', () => {
    const withFds = Object.values(messages).filter((spec) => spec.fds.max > 0);
    expect(withFds.map((spec) => spec.name).sort()).toEqual(
      [
        'ADD_MEM_REG GPU_SET_SOCKET REM_MEM_REG SET_BACKEND_REQ_FD SET_DEVICE_STATE_FD SET_INFLIGHT_FD SET_LOG_BASE',
        'SET_LOG_FD SET_MEM_TABLE SET_VRING_CALL SET_VRING_ERR SET_VRING_KICK',
      ]
        .join(' ')
        .split(' '),
    );
    expect(messages.SET_DEVICE_STATE_FD).toMatchObject({ fds: { min: 1, max: 1 }, replyFds: { min: 0, max: 1 } });
  });

  it('say which messages always have a reply of their own', () => {
    const replying = Object.values(messages).filter((spec) => spec.replies === 'always');
    expect(replying.map((spec) => spec.name)).toEqual(
      [
        'GET_FEATURES GET_VRING_BASE GET_PROTOCOL_FEATURES GET_QUEUE_NUM IOTLB_MSG GET_CONFIG CREATE_CRYPTO_SESSION',
        'POSTCOPY_ADVISE POSTCOPY_END GET_INFLIGHT_FD GET_MAX_MEM_SLOTS GET_STATUS GET_SHARED_OBJECT',
        'SET_DEVICE_STATE_FD CHECK_DEVICE_STATE',
      ]
        .join(' ')
        .split(' '),
    );
  });

  it('name unknown requests by their number', () => {
    expect(requestName(42)).toBe('SET_DEVICE_STATE_FD');
    expect([requestName(0), requestName(44), requestName(0xffffffff)]).toEqual(['0', '44', '4294967295']);
    expect([backendRequestName(3), backendRequestName(9)]).toEqual(['VRING_HOST_NOTIFIER_MSG', '9']);
    expect([messageOf(0), messageOf(44), backendMessageOf(0), backendMessageOf(9)]).toEqual(Array(4).fill(undefined));
  });

  it('cite the place in the source', () => {
    expect(messages.SET_DEVICE_STATE_FD.section).toBe('Front-end message types, VHOST_USER_SET_DEVICE_STATE_FD');
    expect(backendMessages.VRING_CALL.section).toBe('Back-end message types, VHOST_USER_BACKEND_VRING_CALL');
  });
});

describe('payloadKind', () => {
  it('takes the payload that has the fields', () => {
    expect(payloadKind(Request.SET_LOG_BASE, { size: 1, offset: 0 })).toBe('log');
    expect(payloadKind(Request.SET_LOG_BASE, { value: 1 })).toBe('u64');
    expect(payloadKind(Request.SET_MEM_TABLE, { regions: [{ guest: 0 }] })).toBe('memory');
    expect(payloadKind(Request.SET_MEM_TABLE, { regions: [{ guest: 0 }, { domid: 0 }] })).toBe('memory-xen');
    expect(payloadKind(Request.ADD_MEM_REG, { xenFlags: 0 })).toBe('memory-region-xen');
    expect(payloadKind(Request.SET_VRING_NUM, { value: 0 }, { reply: true })).toBe('u64');
    expect(payloadKind(99, {})).toBe('none');
  });

  it('refuses fields that no payload has, and names those that it has', () => {
    expect(() => payloadKind(Request.SET_LOG_BASE, { value: 1, size: 1 })).toThrow(
      'SET_LOG_BASE has no such fields as value, size; it has: size, offset; or: value',
    );
    expect(() => payloadKind(99, { value: 1 })).toThrow('request 99 has no such fields');
    expect(() => payloadKind(Request.GET_FEATURES, { constructor: 1 })).toThrow(WireError);
  });
});
