/** The registry of clauses: every obligation that we know of, in the order of the source. */
import { backendCommunication } from './backend-communication.js';
import { backendMessages } from './backend-messages.js';
import type { Clause } from './clause.js';
import { communication } from './communication.js';
import { conventions } from './conventions.js';
import { inBand } from './in-band.js';
import { inflight } from './inflight.js';
import { iommu } from './iommu.js';
import { memoryAccess } from './memory-access.js';
import { messageSpecification } from './message-specification.js';
import { device } from './messages/device.js';
import { deviceState } from './messages/device-state.js';
import { features } from './messages/features.js';
import { memory } from './messages/memory.js';
import { postcopy } from './messages/postcopy.js';
import { rings } from './messages/rings.js';
import { migratingState } from './migrating-state.js';
import { migration } from './migration.js';
import { multipleQueues } from './multiple-queues.js';
import { payload } from './payload.js';
import { platforms } from './platforms.js';
import { replyAck } from './reply-ack.js';
import { ringStates } from './ring-states.js';
import { robustness } from './robustness.js';
import { suspended } from './suspended.js';

export { type Clause, citation, type Level, OWN_DEMANDS, type Side } from './clause.js';
export {
  type AnswerName,
  type OpenId,
  type OpenQuestion,
  openQuestion,
  openQuestions,
} from './open.js';

const all = [
  ...platforms,
  ...messageSpecification,
  ...payload,
  ...communication,
  ...ringStates,
  ...suspended,
  ...multipleQueues,
  ...migration,
  ...migratingState,
  ...memoryAccess,
  ...iommu,
  ...backendCommunication,
  ...inflight,
  ...inBand,
  ...features,
  ...memory,
  ...rings,
  ...device,
  ...postcopy,
  ...deviceState,
  ...backendMessages,
  ...replyAck,
  ...conventions,
  ...robustness,
];

/** The id of a clause. */
export type ClauseId = (typeof all)[number]['id'];

/** All clauses, in the order of the source, our own demands last. */
export const clauses: readonly (Clause & { readonly id: ClauseId })[] = all;

const byId = new Map<string, Clause & { readonly id: ClauseId }>(all.map((entry) => [entry.id, entry]));

/** True when there is a clause of that id. */
export const isClauseId = (id: string): id is ClauseId => byId.has(id);

/** The clause of that id. @throws Error when there is none. */
export function clause(id: string): Clause & { readonly id: ClauseId } {
  const found = byId.get(id);
  if (found === undefined) throw new Error(`no clause is called "${id}"`);
  return found;
}
