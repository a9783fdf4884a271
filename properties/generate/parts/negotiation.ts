/** How a front-end begins (vhost-user.rst, Multiple queue support; front-ends: QEMU, Cloud Hypervisor, crosvm). */
import { bit, Feature, hasBit, ProtocolFeature, type ProtocolFeatureName } from '../../../model/wire/index.js';
import { negotiated, type View, type World } from '../world.js';

/** Features that change what a kick, an address or a memory region is: a trace says those in one way only. */
const UNUSABLE = bit(ProtocolFeature.INBAND_NOTIFICATIONS) | bit(ProtocolFeature.XEN_MMAP);
/** The same of the feature word. Packed rings are fine while they are empty, but their indices are not plain numbers. */
const UNUSABLE_FEATURES = bit(Feature.IOMMU_PLATFORM) | bit(Feature.RING_PACKED);

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Whether the back-end offers a protocol feature. */
export const offers = (w: World, name: ProtocolFeatureName): boolean =>
  hasBit(w.profile.features, Feature.PROTOCOL_FEATURES) && hasBit(w.profile.protocolFeatures, ProtocolFeature[name]);

/** need_reply where it means something, by chance. */
export const maybeAck = (w: World, view: View, probability = 0.4): { needReply?: true } =>
  negotiated(view, 'REPLY_ACK') && !view.doubted && w.dice.chance(probability) ? { needReply: true } : {};

/** SET_PROTOCOL_FEATURES with what is offered, or a part of it. */
export function acknowledge(w: World, view: View): void {
  const { dice } = w;
  let mask = 0n;
  if (dice.chance(0.35)) {
    for (const [name, number] of Object.entries(ProtocolFeature)) {
      const keep = name === 'DEVICE_STATE' ? 0.9 : name === 'REPLY_ACK' ? 0.75 : 0.6;
      if (dice.chance(keep)) mask |= bit(number);
    }
    mask &= ~UNUSABLE;
    w.say(view, 'SET_PROTOCOL_FEATURES', { with: { value: `offered & ${hex(mask)}` } });
    return;
  }
  const plain = (w.profile.protocolFeatures & UNUSABLE) === 0n;
  w.say(view, 'SET_PROTOCOL_FEATURES', { with: { value: plain ? 'offered' : `offered & ~${hex(UNUSABLE)}` } });
}

/** SET_FEATURES with what is offered. */
export function setFeatures(w: World, view: View, options: { logAll?: boolean; without30?: boolean } = {}): void {
  let not = UNUSABLE_FEATURES;
  if (!options.logAll) not |= bit(Feature.LOG_ALL);
  if (options.without30) not |= bit(Feature.PROTOCOL_FEATURES);
  w.say(view, 'SET_FEATURES', { with: { value: `offered & ~${hex(not)}` }, ...maybeAck(w, view) });
}

/** Everything that a migration needs to be negotiated. @param features SET_FEATURES too: never, by chance. */
export function negotiate(w: World, view: View, features: 'never' | 'perhaps' | 'always' = 'perhaps'): void {
  const { dice } = w;
  w.say(view, 'GET_FEATURES');
  const early = dice.chance(0.3);
  if (early) w.say(view, 'SET_OWNER');
  if (hasBit(w.profile.features, Feature.PROTOCOL_FEATURES)) {
    if (dice.chance(0.07)) {
      // Cloud Hypervisor restores without asking first.
      const value = hex(w.profile.protocolFeatures & ~UNUSABLE);
      w.say(view, 'SET_PROTOCOL_FEATURES', { with: { value } });
    } else {
      w.say(view, 'GET_PROTOCOL_FEATURES');
      acknowledge(w, view);
    }
  }
  if (offers(w, 'MQ') && view.state.asked === 'yes' && dice.chance(0.25)) w.say(view, 'GET_QUEUE_NUM');
  if (!early && dice.chance(0.7)) w.say(view, 'SET_OWNER', maybeAck(w, view));
  if (dice.chance(0.1)) w.say(view, 'GET_FEATURES');
  if (features === 'always' || (features === 'perhaps' && dice.chance(0.5))) {
    setFeatures(w, view, { without30: dice.chance(0.1) });
  }
}
