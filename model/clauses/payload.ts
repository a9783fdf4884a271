import { must, section, should } from './clause.js';

/** Payload: the sections that lay out what a message carries. */
export const payload = [
  ...section('A vring descriptor index for split virtqueues', [
    must(
      'vring-index.reserved-zero',
      'both',
      'The index of a split ring takes the lower 16 bits of its field, and the upper 16 are zero.',
    ),
    must(
      'vring-index.free-running',
      'both',
      "The index of a ring counts on past the ring's size and wraps only at the width of its own bits.",
    ),
  ]),
  ...section('Vring descriptor indices for packed virtqueues', [
    must(
      'vring-index.packed',
      'both',
      'The indices of a packed ring come together: available in the low half and used in the high half of the field, each with its wrap counter on top.',
    ),
  ]),
  ...section('A vring address description', [
    must(
      'vring-address.space',
      'both',
      'Ring addresses are I/O virtual addresses once IOMMU_PLATFORM is negotiated, and user addresses before.',
    ),
  ]),
  ...section('Memory region description', [
    must(
      'memory-region.xen-fields',
      'both',
      'With XEN_MMAP negotiated a region ends in two more 32-bit fields, mapping flags and domain id.',
    ),
    should(
      'memory-region.xen-on-demand',
      'back-end',
      'A Xen region that is flagged as not to be mapped ahead is mapped piece by piece, and only for as long as it is used.',
    ),
  ]),
  ...section('Multiple Memory regions description', [
    must('memory-table.at-most-eight', 'front-end', 'A memory table names at most eight regions.'),
  ]),
  ...section('An IOTLB message', [
    must(
      'iotlb.values',
      'both',
      'An IOTLB message has permissions from 0 (none) to 3 (read and write) and a type from 1 (miss) to 4 (failed access).',
    ),
  ]),
  ...section('Virtio device config space', [
    must(
      'config.payload-length',
      'both',
      'As many bytes of configuration follow as the size field of the payload says.',
    ),
  ]),
  ...section('VhostUserShared', [
    must(
      'shared-object.uuid-order',
      'both',
      'The first three parts of a UUID, one of 32 bits and two of 16, are sent with the most significant byte first.',
    ),
  ]),
  ...section('Device state transfer parameters', [
    must('params.size', 'both', 'The transfer parameters are two 32-bit numbers: direction, then phase.'),
    must(
      'params.direction',
      'back-end',
      'Direction 0 sends state from the back-end to the front-end, 1 sends it the other way, and no other value is accepted.',
    ),
    must('params.phase', 'back-end', 'Phase 0 (stopped) is the only one there is, and no other is accepted.'),
    must(
      'params.stopped-means-suspended',
      'both',
      'A transfer in phase stopped happens while the device is suspended.',
    ),
  ]),
];
