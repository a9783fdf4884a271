/** Bit numbers of the feature word (GET_FEATURES) that mean something to the protocol itself, not to one device. */
export const Feature = {
  /** VHOST_F_LOG_ALL: writes to guest memory are logged. */
  LOG_ALL: 26,
  /** VHOST_USER_F_PROTOCOL_FEATURES: protocol features can be negotiated. */
  PROTOCOL_FEATURES: 30,
  VERSION_1: 32,
  /** VIRTIO_F_IOMMU_PLATFORM: ring addresses are IOVAs. */
  IOMMU_PLATFORM: 33,
  RING_PACKED: 34,
} as const;

/** Bit numbers of the protocol feature word (GET_PROTOCOL_FEATURES). */
export const ProtocolFeature = {
  MQ: 0,
  LOG_SHMFD: 1,
  RARP: 2,
  REPLY_ACK: 3,
  MTU: 4,
  BACKEND_REQ: 5,
  CROSS_ENDIAN: 6,
  CRYPTO_SESSION: 7,
  PAGEFAULT: 8,
  CONFIG: 9,
  BACKEND_SEND_FD: 10,
  HOST_NOTIFIER: 11,
  INFLIGHT_SHMFD: 12,
  RESET_DEVICE: 13,
  INBAND_NOTIFICATIONS: 14,
  CONFIGURE_MEM_SLOTS: 15,
  STATUS: 16,
  XEN_MMAP: 17,
  SHARED_OBJECT: 18,
  DEVICE_STATE: 19,
} as const;

export type FeatureName = keyof typeof Feature;
export type ProtocolFeatureName = keyof typeof ProtocolFeature;

/** The word in which only bit `n` (0 to 63) is set. */
export const bit = (n: number): bigint => 1n << BigInt(n);

/** True when bit `n` of `word` is set. */
export const hasBit = (word: bigint, n: number): boolean => (word & bit(n)) !== 0n;

/** Names of the set bits, ascending; `bit N` where `names` has none. */
export function bitNames(word: bigint, names: Readonly<Record<string, number>>): string[] {
  const out: string[] = [];
  for (let n = 0; n < 64; n++)
    if (hasBit(word, n)) out.push(Object.keys(names).find((name) => names[name] === n) ?? `bit ${n}`);
  return out;
}
