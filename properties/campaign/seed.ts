/** The seed of one trace of a campaign: the same for equal arguments, and unrelated for others (32 bits, signed). */
export function traceSeed(seed: number, index: number): number {
  return mix(mix(seed) ^ mix(index + 0x9e37_79b9));
}

/** A bijection of 32-bit words that leaves no bit where it was (the finalizer of MurmurHash3). */
function mix(word: number): number {
  let w = word | 0;
  w = Math.imul(w ^ (w >>> 16), 0x85eb_ca6b);
  w = Math.imul(w ^ (w >>> 13), 0xc2b2_ae35);
  return w ^ (w >>> 16);
}
