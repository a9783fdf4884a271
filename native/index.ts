/** System calls that Node lacks: sockets with descriptors, channels, shared memory, readiness, processes. */

export { memfd, openDirectory, openFile, type PipeEnds, pipe, pipeCapacity } from './channel.js';
export { Descriptor, MAX_READ, type Stat } from './descriptor.js';
export { NativeError } from './error.js';
export { EventFd, eventfd } from './eventfd.js';
export { type Leak, onLeak, unclosed } from './lease.js';
export { type MappedMemory, mapMemory } from './memory.js';
export {
  allowedCpus,
  bringHere,
  openDescriptors,
  type ProcessDescriptor,
  type ProcessFacts,
  type ProcessHoldings,
  ProcessWatch,
  pinTo,
  processFacts,
  processHoldings,
  sendSignal,
  startOn,
  watchExit,
} from './process.js';
export { Listener, MAX_DESCRIPTORS, type Received, Socket } from './socket.js';
export { environmentNow, reap, type StartedProcess, startProcess } from './spawn.js';
export { PEER_SPIN_US, type Readiness, readyNow, waitFor, whenReady } from './wait.js';
