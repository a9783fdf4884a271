/** Outputs as a report says them. */
import type { Output } from '../../model/session/index.js';

const words: Readonly<Record<Output, string>> = {
  'ack 0': 'acknowledgement 0',
  'ack error': 'acknowledgement with an error (non-zero)',
  value: 'a reply with its payload',
  'value error': 'an empty reply (an error)',
  empty: 'a reply without payload',
  echo: 'a reply with the payload of the request',
  'set ok': 'success without a descriptor (bits 0-7 clear, bit 8 set)',
  'set ok own': "success with the back-end's own descriptor (bits 0-8 clear)",
  'set error': 'an error (bits 0-7 not 0) without a descriptor',
  check: 'an answer',
  'check 0': '0 (success)',
  'check error': 'an error (non-zero)',
  none: 'no reply',
};

export const inWords = (output: Output): string => words[output];
