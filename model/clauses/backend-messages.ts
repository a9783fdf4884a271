import { may, must, section, should } from './clause.js';

/** Back-end message types. */
export const backendMessages = [
  ...section('Back-end message types, VHOST_USER_BACKEND_IOTLB_MSG', [
    should(
      'backend-iotlb.gated',
      'back-end',
      'Misses and failed accesses are sent only when IOMMU_PLATFORM is negotiated.',
    ),
    must(
      'backend-iotlb.reply',
      'front-end',
      'A miss or failed access that asks for a reply gets 0 when it was dealt with.',
    ),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_CONFIG_CHANGE_MSG', [
    must(
      'config-change.gated',
      'back-end',
      'A change of the configuration is announced only when CONFIG is negotiated.',
    ),
    must(
      'config-change.reply',
      'front-end',
      'A configuration message that asks for a reply gets 0 when it was dealt with.',
    ),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_VRING_HOST_NOTIFIER_MSG', [
    should('host-notifier.gated', 'back-end', 'A host notifier is set only when HOST_NOTIFIER is negotiated.'),
    should('host-notifier.page', 'back-end', 'A host notifier is as large as a page of the host.'),
    must(
      'host-notifier.replaces',
      'front-end',
      'The host notifier of a ring is taken away, and the new one set when a descriptor comes with the message.',
    ),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_VRING_CALL', [
    may(
      'in-band.call',
      'back-end',
      'A used buffer may be told by message when in-band notifications are negotiated, and only then.',
    ),
    must('in-band.call-num-zero', 'back-end', 'The number in a call message is 0.'),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_VRING_ERR', [
    may(
      'in-band.err',
      'back-end',
      'An error of a ring may be told by message when in-band notifications are negotiated, and only then.',
    ),
    must('in-band.err-num-zero', 'back-end', 'The number in an error message is 0.'),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_SHARED_OBJECT_ADD', [
    must(
      'shared-object.backend-gated',
      'back-end',
      'Shared objects are added, removed and looked up only when SHARED_OBJECT is negotiated.',
    ),
    must('shared-object.own-table', 'back-end', 'A back-end keeps the descriptors of the objects that it shares.'),
    must(
      'shared-object.ack',
      'front-end',
      'Adding or removing a shared object gets 0 when it worked, where the back-end asked for a reply.',
    ),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_SHARED_OBJECT_REMOVE', [
    must('shared-object.remove-owner', 'front-end', 'Only the back-end that added a shared object can remove it.'),
  ]),
  ...section('Back-end message types, VHOST_USER_BACKEND_SHARED_OBJECT_LOOKUP', [
    must(
      'shared-object.lookup',
      'front-end',
      'A lookup is answered with 0 and a descriptor, or with another number and none.',
    ),
  ]),
];
