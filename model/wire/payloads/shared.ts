import { bytes, layout } from '../layout.js';

/** A shared object, by its UUID (16 bytes as they are on the wire). */
export const shared = layout({ uuid: bytes(16) });
