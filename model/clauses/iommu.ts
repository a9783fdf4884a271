import { must, section } from './clause.js';

/** IOMMU support: updates one way, misses the other. */
export const iommu = section('IOMMU support', [
  must(
    'iotlb.update-fields',
    'front-end',
    'An update carries type 2, the I/O virtual address, the size, the user address and the permissions.',
  ),
  must('iotlb.within-regions', 'front-end', 'An update lies within the regions of the memory table.'),
  must('iotlb.invalidate-fields', 'front-end', 'An invalidation carries type 3, the I/O virtual address and the size.'),
  must(
    'iotlb.reply',
    'back-end',
    'An IOTLB message is answered with 0 when it took effect and with another number when not.',
  ),
  must('iotlb.miss-fields', 'back-end', 'A miss carries type 1, the I/O virtual address and the permissions.'),
  must(
    'iotlb.failure-fields',
    'back-end',
    'A failed access carries type 4, the I/O virtual address and the permissions.',
  ),
  must(
    'iotlb.asks',
    'back-end',
    'A back-end asks for the translations that it needs and does not wait to be sent them.',
  ),
  must(
    'iotlb.miss-done',
    'front-end',
    'A miss is acknowledged after the update for it was sent, or when there is nothing to send because it was invalid.',
  ),
]);
