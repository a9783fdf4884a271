import type { History } from '../../harness/index.js';
import { runTrace, type Target, type Trace, UserError } from '../../harness/index.js';
import {
  bit,
  decodePayload,
  decodeStateReply,
  Feature,
  hasBit,
  ProtocolFeature,
  Request,
} from '../../model/wire/index.js';

/** What generation wants to know of a back-end before it begins. */
export interface Profile {
  /** The reply to GET_PROTOCOL_FEATURES. */
  readonly protocolFeatures: bigint;
  /** The reply to GET_FEATURES. */
  readonly features: bigint;
  /** Rings that it has, as far as they matter: 1 or 2. */
  readonly queues: number;
  /** Bytes of a state that it saved once; 0: unknown. */
  readonly stateSize: number;
  /** It goes on listening when we leave. */
  readonly survivesDisconnect: boolean;
  /** It goes on when a state was saved whole: some end then. */
  readonly survivesSave: boolean;
  /** It brings a channel of its own. */
  readonly ownChannel: boolean;
}

/** What is assumed of a back-end that does not say. */
export const unknownProfile: Profile = {
  protocolFeatures: 0n,
  features: 0n,
  queues: 1,
  stateSize: 0,
  survivesDisconnect: false,
  survivesSave: true,
  ownChannel: false,
};

/** The profile of the reference back-end as it is by default. */
export const referenceProfile: Profile = {
  protocolFeatures: 0x9b22bn,
  features: 0x1_7400_0000n,
  queues: 2,
  stateSize: 192 * 1024,
  survivesDisconnect: true,
  survivesSave: true,
  ownChannel: false,
};

/** Most rings that a trace uses: more would not show more. */
const MAX_QUEUES = 2;

const asking: Trace = [
  { do: 'call', message: 'GET_FEATURES' },
  { do: 'send', message: 'SET_OWNER' },
  { do: 'call', message: 'GET_PROTOCOL_FEATURES' },
  { do: 'disconnect' },
  { do: 'connect' },
  { do: 'call', message: 'GET_FEATURES' },
];

const saving: Trace = [
  { do: 'open', name: 'pipe1', kind: 'pipe' },
  {
    do: 'call',
    message: 'SET_DEVICE_STATE_FD',
    with: { direction: 0, phase: 0 },
    fds: ['pipe1.w'],
    channel: 'pipe1.r',
  },
  { do: 'close', name: 'pipe1.w' },
  { do: 'read', name: 'pipe1.r', into: 'state1' },
  { do: 'close', name: 'pipe1.r' },
  { do: 'call', message: 'CHECK_DEVICE_STATE' },
];

/** What a second look does, given what is offered. */
function looking(features: bigint, protocolFeatures: bigint): Trace {
  const offers = (name: keyof typeof ProtocolFeature) => hasBit(protocolFeatures, ProtocolFeature[name]);
  const negotiated = bit(ProtocolFeature.MQ) | bit(ProtocolFeature.REPLY_ACK) | bit(ProtocolFeature.DEVICE_STATE);
  return [
    { do: 'call', message: 'GET_FEATURES' },
    { do: 'send', message: 'SET_OWNER' },
    ...(hasBit(features, Feature.PROTOCOL_FEATURES)
      ? ([
          { do: 'call', message: 'GET_PROTOCOL_FEATURES' },
          {
            do: 'send',
            message: 'SET_PROTOCOL_FEATURES',
            with: { value: `offered & 0x${negotiated.toString(16)}` },
          },
        ] as const)
      : []),
    ...(offers('MQ') ? ([{ do: 'call', message: 'GET_QUEUE_NUM' }] as const) : []),
    {
      do: offers('REPLY_ACK') ? 'call' : 'send',
      message: 'SET_VRING_NUM',
      with: { index: 1, num: 256 },
      ...(offers('REPLY_ACK') ? { needReply: true } : {}),
    },
    { do: 'call', message: 'GET_FEATURES' },
    ...(offers('DEVICE_STATE') ? saving : []),
    { do: 'call', message: 'GET_FEATURES' },
  ];
}

/**
 * Find out what a back-end offers, by what a lawful front-end sends. A strange back-end is no error: what it does not tell is
 * assumed, see `unknownProfile`.
 * @throws UserError where no back-end can be started at all.
 */
export async function probe(target: Target, deadlineMs: number, workDir: string): Promise<Profile> {
  const run = async (trace: Trace): Promise<History | undefined> => {
    try {
      return await runTrace(trace, target, { deadlineMs, workDir });
    } catch (error) {
      if (error instanceof UserError) throw error;
      return undefined;
    }
  };
  const first = await run(asking);
  if (first === undefined) return unknownProfile;
  const features = number(first, Request.GET_FEATURES) ?? 0n;
  const protocolFeatures = hasBit(features, Feature.PROTOCOL_FEATURES)
    ? (number(first, Request.GET_PROTOCOL_FEATURES) ?? 0n)
    : 0n;
  const trace = looking(features, protocolFeatures);
  const second = await run(trace);
  const seen = { protocolFeatures, features, survivesDisconnect: isAnswered(first, asking.length - 1) };
  if (second === undefined) return { ...unknownProfile, ...seen };
  const queues = number(second, Request.GET_QUEUE_NUM) ?? 1n;
  const setState = number(second, Request.SET_DEVICE_STATE_FD);
  return {
    ...seen,
    // Of a network device the number counts pairs.
    queues: queues >= MAX_QUEUES || hasSecondRing(trace, second) ? MAX_QUEUES : 1,
    stateSize: second.states.state1?.length ?? 0,
    survivesSave: number(second, Request.CHECK_DEVICE_STATE) === undefined || isAnswered(second, trace.length - 1),
    ownChannel: setState !== undefined && !decodeStateReply(setState).noFd,
  };
}

/** Whether what comes behind SET_VRING_NUM for the second ring is answered, and that itself was not refused. */
function hasSecondRing(trace: Trace, history: History): boolean {
  const refused = number(history, Request.SET_VRING_NUM);
  const at = trace.findIndex((step) => 'message' in step && step.message === 'SET_VRING_NUM');
  return (refused === undefined || refused === 0n) && isAnswered(history, at + 1);
}

const isAnswered = (history: History, at: number): boolean =>
  history.events.some(({ type, step }) => type === 'message' && step === at);

/** The payload of the first reply to a request, where it is a number. */
function number(history: History, request: number): bigint | undefined {
  for (const event of history.events) {
    if (event.type !== 'message' || event.request !== request || event.payload.length !== 8) continue;
    return decodePayload('u64', event.payload).value;
  }
  return undefined;
}
