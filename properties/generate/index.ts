/** Arbitrary traces, made by walking through the model. */
export { type TraceOptions, traces } from './arbitrary.js';
export { Coverage } from './coverage.js';
export { type Profile, probe, referenceProfile, unknownProfile } from './profile.js';
export { repaired, smaller } from './shrink.js';
export { type Walk, walk } from './walk.js';
export { type Mood, moods } from './world.js';
