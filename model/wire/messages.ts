/** The front-end's messages (vhost-user.rst, Front-end message types). */
import { type MessageEntry, type MessageSpec, numbers, specs } from './message-spec.js';

const ONE = { min: 1, max: 1 } as const;
const UP_TO_ONE = { min: 0, max: 1 } as const;
const UP_TO_EIGHT = { min: 0, max: 8 } as const;

const entries = {
  GET_FEATURES: { number: 1, reply: 'u64' },
  SET_FEATURES: { number: 2, request: 'u64' },
  SET_OWNER: { number: 3 },
  RESET_OWNER: { number: 4 },
  // Replies with the mapped bases in postcopy mode only.
  SET_MEM_TABLE: {
    number: 5,
    request: 'memory',
    otherRequests: ['memory-xen'],
    otherReplies: ['memory', 'memory-xen'],
    fds: UP_TO_EIGHT,
  },
  // Listed among those that get a reply where LOG_SHMFD is negotiated, and without a reply payload at its own place.
  SET_LOG_BASE: {
    number: 6,
    request: 'log',
    otherRequests: ['u64'],
    otherReplies: ['u64', 'log'],
    replies: 'open',
    fds: UP_TO_ONE,
  },
  SET_LOG_FD: { number: 7, fds: ONE },
  SET_VRING_NUM: { number: 8, request: 'vring-state' },
  SET_VRING_ADDR: { number: 9, request: 'vring-address' },
  SET_VRING_BASE: { number: 10, request: 'vring-state' },
  GET_VRING_BASE: { number: 11, request: 'vring-state', reply: 'vring-state' },
  SET_VRING_KICK: { number: 12, request: 'u64', fds: UP_TO_ONE },
  SET_VRING_CALL: { number: 13, request: 'u64', fds: UP_TO_ONE },
  SET_VRING_ERR: { number: 14, request: 'u64', fds: UP_TO_ONE },
  GET_PROTOCOL_FEATURES: { number: 15, reply: 'u64', featureBit: 'PROTOCOL_FEATURES' },
  SET_PROTOCOL_FEATURES: { number: 16, request: 'u64', featureBit: 'PROTOCOL_FEATURES' },
  GET_QUEUE_NUM: { number: 17, reply: 'u64', feature: 'MQ' },
  SET_VRING_ENABLE: { number: 18, request: 'vring-state', featureBit: 'PROTOCOL_FEATURES' },
  SEND_RARP: { number: 19, request: 'u64', feature: 'RARP' },
  // This and SET_BACKEND_REQ_FD "must respond" where REPLY_ACK is negotiated; need_reply is not named there.
  NET_SET_MTU: { number: 20, request: 'u64', feature: 'MTU', replies: 'open', otherReplies: ['u64'] },
  SET_BACKEND_REQ_FD: { number: 21, feature: 'BACKEND_REQ', fds: ONE, replies: 'open', otherReplies: ['u64'] },
  IOTLB_MSG: { number: 22, request: 'iotlb', reply: 'u64', featureBit: 'IOMMU_PLATFORM' },
  SET_VRING_ENDIAN: { number: 23, request: 'vring-state', feature: 'CROSS_ENDIAN' },
  // A reply without payload says that it failed, see isConfigError.
  GET_CONFIG: { number: 24, request: 'config', reply: 'config', feature: 'CONFIG' },
  SET_CONFIG: { number: 25, request: 'config', feature: 'CONFIG' },
  CREATE_CRYPTO_SESSION: {
    number: 26,
    request: 'crypto-session',
    reply: 'crypto-session',
    feature: 'CRYPTO_SESSION',
  },
  CLOSE_CRYPTO_SESSION: { number: 27, request: 'u64', feature: 'CRYPTO_SESSION' },
  // The reply is the userfault descriptor.
  POSTCOPY_ADVISE: { number: 28, replies: 'always', replyFds: ONE, feature: 'PAGEFAULT' },
  POSTCOPY_LISTEN: { number: 29, feature: 'PAGEFAULT' },
  POSTCOPY_END: { number: 30, reply: 'u64', feature: 'PAGEFAULT' },
  // No reply payload is named at its own place, but nothing could be mapped without one.
  GET_INFLIGHT_FD: {
    number: 31,
    request: 'inflight',
    reply: 'inflight',
    replyFds: UP_TO_ONE,
    feature: 'INFLIGHT_SHMFD',
  },
  SET_INFLIGHT_FD: { number: 32, request: 'inflight', fds: ONE, feature: 'INFLIGHT_SHMFD' },
  GPU_SET_SOCKET: { number: 33, fds: ONE },
  RESET_DEVICE: { number: 34, feature: 'RESET_DEVICE' },
  VRING_KICK: { number: 35, request: 'vring-state', feature: 'INBAND_NOTIFICATIONS' },
  GET_MAX_MEM_SLOTS: { number: 36, reply: 'u64', feature: 'CONFIGURE_MEM_SLOTS' },
  // Request and reply payload are swapped in the list; the prose is clear about the request.
  ADD_MEM_REG: {
    number: 37,
    request: 'memory-region',
    otherRequests: ['memory-region-xen'],
    otherReplies: ['memory-region', 'memory-region-xen'],
    replies: 'open',
    fds: ONE,
    feature: 'CONFIGURE_MEM_SLOTS',
  },
  REM_MEM_REG: {
    number: 38,
    request: 'memory-region',
    otherRequests: ['memory-region-xen'],
    otherReplies: ['memory-region', 'memory-region-xen'],
    replies: 'open',
    fds: UP_TO_ONE,
    feature: 'CONFIGURE_MEM_SLOTS',
  },
  SET_STATUS: { number: 39, request: 'u64', feature: 'STATUS' },
  GET_STATUS: { number: 40, reply: 'u64', feature: 'STATUS' },
  // The reply is a dma-buf descriptor, or none; whether a payload comes with it is not said.
  GET_SHARED_OBJECT: {
    number: 41,
    request: 'shared',
    replies: 'always',
    otherReplies: ['u64', 'shared'],
    replyFds: UP_TO_ONE,
    feature: 'SHARED_OBJECT',
  },
  SET_DEVICE_STATE_FD: {
    number: 42,
    request: 'device-state',
    reply: 'u64',
    fds: ONE,
    replyFds: UP_TO_ONE,
    feature: 'DEVICE_STATE',
  },
  CHECK_DEVICE_STATE: { number: 43, reply: 'u64', feature: 'DEVICE_STATE' },
} as const satisfies Readonly<Record<string, MessageEntry>>;

export type RequestName = keyof typeof entries;

/** Number of every front-end message, by its name without `VHOST_USER_`. */
export const Request = numbers(entries);

/** Every front-end message. */
export const messages = specs<RequestName>(entries, 'Front-end message types', 'VHOST_USER_');

const byNumber = new Map<number, MessageSpec>(Object.values(messages).map((spec) => [spec.number, spec]));

/** The message with this number; undefined where the source has none. */
export const messageOf = (request: number): MessageSpec | undefined => byNumber.get(request);

/** Its name; the number as text where the source has none. */
export const requestName = (request: number): string => byNumber.get(request)?.name ?? String(request);
