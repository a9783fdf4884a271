import { text } from '../parse.js';

/** `--out DIR` */
export const outFlag = {
  kind: 'parsed',
  parse: text,
  default: './vhost-check-out',
  placeholder: 'DIR',
  brief: 'Directory for findings',
} as const;
