/** `--json` */
export const jsonFlag = {
  kind: 'boolean',
  optional: true,
  withNegated: false,
  brief: 'Print one JSON document in place of text',
} as const;
