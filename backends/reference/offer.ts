/** What this device offers, and its limits. */

/** Rings. */
export const QUEUES = 2;
/** Most entries of a split ring. */
export const MAX_RING_SIZE = 32768;
/** Bytes of configuration space. */
export const CONFIG_SIZE = 64;
/** From here on the configuration space is read-only to the driver; the migration flag may write it. */
export const CONFIG_READ_ONLY = 48;
/** Memory regions that can be added one by one. */
export const MEMORY_SLOTS = 32;
/** Bytes of state behind the fixed fields when nothing else is asked for: more than a pipe holds by default. */
export const DEFAULT_STATE_SIZE = 192 * 1024;
/** Largest state that is saved, or believed when loaded: 256 MiB. */
export const MAX_STATE_SIZE = 256 * 1024 * 1024;

const word = (...bits: readonly number[]): bigint => bits.reduce((all, n) => all | (1n << BigInt(n)), 0n);

/** Numbers of the feature bits that mean something here. */
export const LOG_ALL = 26;
export const PROTOCOL_FEATURES_BIT = 30;
const RING_INDIRECT_DESC = 28;
const RING_EVENT_IDX = 29;
const VERSION_1 = 32;

/** The reply to GET_FEATURES. */
export const FEATURES = word(LOG_ALL, RING_INDIRECT_DESC, RING_EVENT_IDX, PROTOCOL_FEATURES_BIT, VERSION_1);

/** Numbers of the protocol feature bits that are offered. */
export const Offered = {
  MQ: 0,
  LOG_SHMFD: 1,
  REPLY_ACK: 3,
  BACKEND_REQ: 5,
  CONFIG: 9,
  INFLIGHT_SHMFD: 12,
  RESET_DEVICE: 13,
  CONFIGURE_MEM_SLOTS: 15,
  STATUS: 16,
  DEVICE_STATE: 19,
} as const;

/** The reply to GET_PROTOCOL_FEATURES. */
export const PROTOCOL_FEATURES = word(...Object.values(Offered));
