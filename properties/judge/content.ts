/** What a byte string is to the states that were saved in the same trace. */
import type { SessionState } from '../../model/session/index.js';

/** A state that a back-end saved, read to its end. */
export interface Saved {
  readonly bytes: Uint8Array;
  readonly session: string;
  /** The step of the SET_DEVICE_STATE_FD that began the save. */
  readonly via: number;
  /** CHECK_DEVICE_STATE called the save good. */
  good: boolean;
}

const startsWith = (long: Uint8Array, short: Uint8Array): boolean => {
  if (long.length < short.length) return false;
  for (let i = 0; i < short.length; i++) if (long[i] !== short[i]) return false;
  return true;
};

const distance = (a: Uint8Array, b: Uint8Array): number => {
  let n = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) n++;
  return n;
};

/**
 * The content of a load. `foreign` is said only of our own pattern and of nothing that resembles a state: everything
 * else that is no saved state is `unknown`, and any result for it is explained.
 */
export function contentOf(bytes: Uint8Array, saved: Iterable<Saved>, patternOnly: boolean): SessionState['content'] {
  if (bytes.length === 0) return 'empty';
  let verdict: SessionState['content'] | undefined;
  for (const { bytes: state, good } of saved) {
    if (state.length === 0) continue;
    if (state.length === bytes.length) {
      const differing = distance(state, bytes);
      if (differing === 0) return good ? 'valid' : 'unknown';
      if (differing <= 8 && good) verdict ??= 'damaged';
    } else if (startsWith(state, bytes) && good) verdict ??= 'truncated';
    else if (startsWith(bytes, state) && good) verdict ??= 'trailing';
  }
  return verdict ?? (patternOnly ? 'foreign' : 'unknown');
}
