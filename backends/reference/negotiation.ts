/** What was negotiated on one connection. */
import type { Faults } from './faults.js';
import { FEATURES, LOG_ALL, type Offered, PROTOCOL_FEATURES, PROTOCOL_FEATURES_BIT } from './offer.js';

const has = (word: bigint, bit: number): boolean => ((word >> BigInt(bit)) & 1n) === 1n;

/** Both feature words of one connection. */
export class Negotiation {
  readonly #faults: Faults;
  #features: bigint | undefined;
  #protocol = 0n;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** Whether SET_FEATURES has come. */
  get featuresSet(): boolean {
    return this.#features !== undefined;
  }

  /** Whether SET_FEATURES came without the bit that lets rings be enabled one by one. */
  get enablesAll(): boolean {
    return this.#features !== undefined && !has(this.#features, PROTOCOL_FEATURES_BIT);
  }

  /** Whether `features` differ from what was set before in logging, and in nothing else. */
  onlyLogging(features: bigint): boolean {
    return this.#features !== undefined && (this.#features ^ features) === 1n << BigInt(LOG_ALL);
  }

  /** Whether all bits of the word were offered. */
  offered(features: bigint): boolean {
    return (features & ~FEATURES) === 0n;
  }

  setFeatures(features: bigint): void {
    this.#features = features;
  }

  /** @returns false, and negotiates nothing, where a bit was not offered. */
  setProtocol(features: bigint): boolean {
    if ((features & ~PROTOCOL_FEATURES) !== 0n && !this.#faults.has('accepts-unoffered')) return false;
    this.#protocol = features;
    return true;
  }

  /** Whether the protocol feature was negotiated. */
  protocol(bit: (typeof Offered)[keyof typeof Offered] | number): boolean {
    return has(this.#protocol, bit);
  }
}
