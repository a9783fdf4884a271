/** What was negotiated on one connection. */

import { FEATURES, LOG_ALL, type Offered, PROTOCOL_FEATURES, PROTOCOL_FEATURES_BIT } from './offer.js';
import type { Faults } from './sabotage.js';

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

  /** What `features` would change: nothing but the log is switched, on or off; or more than that. */
  change(features: bigint): 'log-set' | 'log-cleared' | 'more' {
    if (this.#features === undefined || (this.#features ^ features) !== 1n << BigInt(LOG_ALL)) return 'more';
    return has(features, LOG_ALL) ? 'log-set' : 'log-cleared';
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
    if (this.#faults.has('protocol-features-ignored-early') && !this.featuresSet) return true;
    if ((features & ~PROTOCOL_FEATURES) !== 0n && !this.#faults.has('accepts-unoffered')) return false;
    this.#protocol = features;
    return true;
  }

  /** Whether the protocol feature was negotiated. */
  protocol(bit: (typeof Offered)[keyof typeof Offered] | number): boolean {
    return has(this.#protocol, bit);
  }
}
