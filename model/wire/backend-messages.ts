/** The back-end's messages, over the channel of SET_BACKEND_REQ_FD (vhost-user.rst, Back-end message types). */
import { type MessageEntry, type MessageSpec, numbers, specs } from './message-spec.js';

const UP_TO_ONE = { min: 0, max: 1 } as const;

const entries = {
  IOTLB_MSG: { number: 1, request: 'iotlb', featureBit: 'IOMMU_PLATFORM' },
  CONFIG_CHANGE_MSG: { number: 2, feature: 'CONFIG' },
  VRING_HOST_NOTIFIER_MSG: { number: 3, request: 'area', fds: UP_TO_ONE, feature: 'HOST_NOTIFIER' },
  VRING_CALL: { number: 4, request: 'vring-state', feature: 'INBAND_NOTIFICATIONS' },
  VRING_ERR: { number: 5, request: 'vring-state', feature: 'INBAND_NOTIFICATIONS' },
  SHARED_OBJECT_ADD: { number: 6, request: 'shared', feature: 'SHARED_OBJECT' },
  SHARED_OBJECT_REMOVE: { number: 7, request: 'shared', feature: 'SHARED_OBJECT' },
  SHARED_OBJECT_LOOKUP: {
    number: 8,
    request: 'shared',
    reply: 'u64',
    replyFds: UP_TO_ONE,
    feature: 'SHARED_OBJECT',
  },
} as const satisfies Readonly<Record<string, MessageEntry>>;

export type BackendRequestName = keyof typeof entries;

/** Most descriptors in one message of the back-end. */
export const MAX_BACKEND_FDS = 8;

/** Number of every back-end message, by its name without `VHOST_USER_BACKEND_`. */
export const BackendRequest = numbers(entries);

/** Every back-end message. */
export const backendMessages = specs<BackendRequestName>(entries, 'Back-end message types', 'VHOST_USER_BACKEND_');

const byNumber = new Map<number, MessageSpec>(Object.values(backendMessages).map((spec) => [spec.number, spec]));

/** The message with this number; undefined where the source has none. */
export const backendMessageOf = (request: number): MessageSpec | undefined => byNumber.get(request);

/** Its name; the number as text where the source has none. */
export const backendRequestName = (request: number): string => byNumber.get(request)?.name ?? String(request);
