import type { Pass } from '../search.js';
import { simplerArguments } from './arguments.js';
import { chunks } from './chunks.js';
import { objects } from './objects.js';
import { sessions } from './sessions.js';
import { tail } from './tail.js';

/** In the order in which they are made: what takes most away comes first. */
export const passes: readonly Pass[] = [tail, sessions, objects, chunks, simplerArguments];
