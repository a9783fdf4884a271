import { layout, rest } from '../layout.js';

/** A crypto session. The source does not lay it out, so it is a byte string here. */
export const cryptoSession = layout({ bytes: rest });
