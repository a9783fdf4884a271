import { z } from 'zod';
import { limits } from '../limits.js';
import { hasControlCharacters } from './text.js';
import { FORMAT } from './trace-file.js';
import type { Verb } from './verbs.js';

/** The shapes of a corpus file. What they cannot say (names opened before use, sums of sizes) is in `check.ts`. */

const whole = (least: number, most: number) =>
  z.number({ error: 'expected a whole number' }).refine((n) => Number.isSafeInteger(n) && n >= least && n <= most, {
    error: `expected a whole number from ${least} to ${most}`,
  });

const word32 = whole(0, 0xffff_ffff);
const anySize = whole(0, Number.MAX_SAFE_INTEGER);

const oneLine = z
  .string({ error: 'expected text' })
  .max(limits.file.text, { error: `expected at most ${limits.file.text} characters` })
  .refine((text) => !/[\n\t]/.test(text) && !hasControlCharacters(text), {
    error: 'expected one line without control characters',
  });

const lines = z
  .string({ error: 'expected text' })
  .max(limits.file.text, { error: `expected at most ${limits.file.text} characters` })
  .refine((text) => !hasControlCharacters(text), { error: 'expected text without control characters' });

/** `pipe1`, `kick0`. */
const objectName = z
  .string({ error: 'expected a name such as pipe1' })
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'expected a name such as pipe1' });

/** `pipe1.r`, `pair1.a`, `mem1`. */
const endName = z
  .string({ error: 'expected a name such as pipe1.w' })
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}(?:\.[rwab])?$/, { error: 'expected a name such as pipe1.w' });

const hex = z
  .string({ error: 'expected bytes in hexadecimal, in quotes' })
  .regex(/^(?:[0-9a-fA-F]{2})*$/, { error: 'expected bytes in hexadecimal, two digits each' });

/** A field is a 64-bit value, bytes as text, or a list of such. Which of them its message says, see `check.ts`. */
const fields: z.ZodType = z.lazy(() =>
  z.record(
    z.string(),
    z.union([z.number(), z.string(), z.array(fields)], { error: 'expected a number, a text, or a list of fields' }),
    { error: 'expected fields, such as {index: 0, num: 1}' },
  ),
);

const position = z.union(
  [z.number().refine(Number.isSafeInteger), z.string().regex(/^-?[0-9]{1,9}(?:\.[0-9]{1,9})?%$/)],
  { error: 'expected a place: a whole number (negative: from the end) or a share such as 50%' },
);

const flag = z.boolean({ error: 'expected true or false' });

const list = <T extends z.ZodType>(element: T, most: number, what: string) =>
  z.array(element, { error: `expected a list of ${what}` }).max(most, { error: `expected at most ${most} ${what}` });

const message = {
  on: objectName.optional(),
  with: fields.optional(),
  fds: list(endName, limits.descriptors, 'descriptors').optional(),
  needReply: flag.optional(),
  flags: word32.optional(),
  size: word32.optional(),
  raw: hex.optional(),
  cut: list(anySize, limits.file.cuts, 'offsets').optional(),
  glue: flag.optional(),
  only: anySize.optional(),
  channel: endName.optional(),
};

/** YAML reads a bare `null` as nothing; here it is the device of that name. */
const kind = z.preprocess(
  (value) => (value === null ? 'null' : value),
  z.enum(['pipe', 'socketpair', 'memfd', 'file', 'eventfd', 'directory', 'null'], {
    error: 'expected pipe, socketpair, memfd, file, eventfd, directory or null',
  }),
);

const messageName = z.union([z.string(), word32], { error: 'expected the name or number of a message' });

/** How each step stands in a file, by its verb. */
export const stepSchemas: { readonly [V in Verb]: z.ZodType } = {
  call: z.strictObject({ call: messageName, ...message }),
  send: z.strictObject({ send: messageName, ...message }),
  await: z.strictObject({ await: whole(0, limits.file.steps), on: objectName.optional() }),
  open: z.strictObject({
    open: objectName,
    kind,
    size: anySize.optional(),
    nonblock: z.enum(['r', 'w', 'a', 'b', 'both'], { error: 'expected r, w, a, b or both' }).optional(),
  }),
  close: z.strictObject({ close: endName }),
  shutdown: z.strictObject({
    shutdown: endName,
    how: z.enum(['read', 'write', 'both'], { error: 'expected read, write or both' }),
  }),
  write: z.strictObject({
    write: endName,
    state: objectName.optional(),
    from: position.optional(),
    to: position.optional(),
    flip: position.optional(),
    hex: hex.optional(),
    pattern: anySize.optional(),
  }),
  rewind: z.strictObject({ rewind: endName }),
  read: z.strictObject({ read: endName, bytes: anySize.optional(), into: objectName.optional() }),
  kick: z.strictObject({ kick: endName }),
  disconnect: z.strictObject({ disconnect: objectName.optional() }),
  connect: z.strictObject({ connect: objectName.optional() }),
  start: z.strictObject({ start: objectName }),
  linger: z.strictObject({ linger: whole(0, limits.file.lingerMs) }),
};

const word = (what: string) =>
  z.string({ error: `expected ${what}` }).regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/, { error: `expected ${what}` });

const reproduces = z
  .string({ error: 'expected k/n, such as 17/20' })
  .regex(/^[0-9]{1,6}\/[0-9]{1,6}$/, { error: 'expected k/n, such as 17/20' })
  .transform((text) => {
    const [k, n] = text.split('/').map(Number);
    return { k: k!, n: n! };
  })
  .refine(({ k, n }) => k <= n && n > 0, { error: 'expected k/n with k not above n' });

/** The header; steps are looked at one by one. */
export const headerSchema = z.strictObject({
  format: z.literal(FORMAT, { error: `expected ${FORMAT}` }),
  title: oneLine,
  comment: lines.optional(),
  backend: z
    .strictObject(
      {
        name: word('the name of a built-in back-end'),
        version: oneLine.optional(),
        args: list(oneLine, 32, 'arguments').optional(),
      },
      { error: 'expected {name: …, version: …}' },
    )
    .optional(),
  verdict: z.enum(['pass', 'fail'], { error: 'expected pass or fail' }),
  clause: word('the id of a clause').optional(),
  level: z.enum(['must', 'should', 'may', 'robust'], { error: 'expected must, should, may or robust' }).optional(),
  signature: oneLine.optional(),
  expected: list(lines, 100, 'texts').optional(),
  observed: lines.optional(),
  reproduces: reproduces.optional(),
  deadlineMs: whole(1, limits.file.deadlineMs).optional(),
  variants: z.record(z.string(), word('the name of an answer'), { error: 'expected {open.x: answer}' }).optional(),
  steps: z
    .array(z.unknown(), { error: 'expected a list of steps' })
    .max(limits.file.steps, { error: `expected at most ${limits.file.steps} steps` }),
});

/** The keys of the header. */
export const headerKeys: readonly string[] = Object.keys(headerSchema.shape);
