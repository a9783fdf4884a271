/** Bytes and typed messages of the protocol. Pure: no I/O, and nothing of a session's state. */
export {
  BackendRequest,
  type BackendRequestName,
  backendMessageOf,
  backendMessages,
  backendRequestName,
  MAX_BACKEND_FDS,
} from './backend-messages.js';
export { WireError } from './error.js';
export {
  bit,
  bitNames,
  Feature,
  type FeatureName,
  hasBit,
  ProtocolFeature,
  type ProtocolFeatureName,
} from './features.js';
export {
  decodeHeader,
  encodeHeader,
  FLAG_NEED_REPLY,
  FLAG_REPLY,
  HEADER_SIZE,
  type Header,
  VERSION,
  VERSION_MASK,
} from './header.js';
export { concat, type FieldInfo, type FieldInput, type FieldInputs, fieldNames, type Layout } from './layout.js';
export { encodeMessage, type Initiator, type MessageInput, payloadKind } from './message.js';
export type { FdRange, MessageSpec, Replies } from './message-spec.js';
export { messageOf, messages, Request, type RequestName, requestName } from './messages.js';
export {
  decodePayload,
  encodeFields,
  encodePayload,
  layouts,
  type PayloadFields,
  type PayloadKind,
} from './payload.js';
export { ConfigFlag, isConfigError } from './payloads/config.js';
export { Direction, Phase } from './payloads/device-state.js';
export { MAX_REGIONS } from './payloads/memory.js';
export { VRING_F_LOG } from './payloads/vring.js';
export { formatHex, parseHex, resolveFields, type TextFields } from './resolve.js';
export { decodeStateReply, stateReply } from './state-reply.js';
export { formatValue64, parseValue64, Value64Error } from './value64.js';
export { decodeVringFd, vringFd } from './vring-fd.js';
