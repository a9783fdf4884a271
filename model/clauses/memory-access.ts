import { must, section } from './clause.js';

/** Memory access: which address means what. */
export const memoryAccess = section('Memory access', [
  must('memory.user-addresses', 'back-end', 'A user address is found in the region whose user range holds it.'),
  must(
    'memory.guest-addresses',
    'back-end',
    'Without IOMMU_PLATFORM a guest address is found in the region whose guest range holds it.',
  ),
  must(
    'memory.iovas',
    'back-end',
    'With IOMMU_PLATFORM a guest address is first translated by the IOTLB into a user address, and the guest ranges of the regions are not used.',
  ),
]);
