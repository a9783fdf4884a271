/** The session model: what one back-end and one front-end may do to each other over one connection. */
export { abandoned, gone, left, readerLeft, reconnected, sawEof, wroteAll, wroteSome } from './events.js';
export type { Flaw, Outcome, Output, Req, Ruling } from './label.js';
export { plainReq } from './label.js';
export { rule } from './rule.js';
export { type CheckRuling, checkedAs, checkRule } from './rules/check.js';
export { INCOMPATIBLE, learned } from './rules/negotiation.js';
export { kicked } from './rules/rings.js';
export { exercisedClauses, judgedClauses } from './scope.js';
export { has, type Ring, rings, type SessionState, session, situation, suspended, transferring } from './state.js';
