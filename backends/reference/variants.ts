/** What the source leaves open and a back-end has to decide. The first answer of each is the default. */
export const questions = {
  'open.enforce-suspended': ['accept', 'refuse'],
  'open.refusal': ['error', 'close'],
  'open.check-without-set': ['error', 'success', 'last'],
  'open.check-twice': ['error', 'same'],
  'open.check-before-eof': ['wait', 'error'],
  'open.second-set': ['refuse', 'replace', 'both'],
  'open.error-no-fd-bit': ['set', 'clear'],
  'open.high-bits': ['zero', 'set'],
  'open.trailing-data': ['reject', 'accept'],
  'open.empty-state': ['reject', 'accept'],
  'open.load-before-features': ['accept', 'refuse'],
  'open.reset-during-transfer': ['cancel', 'continue', 'refuse'],
  'open.base-of-unset-ring': ['answer', 'close'],
  'open.base-drops-fds': ['drop', 'keep'],
  'open.start-moment': ['first-kick', 'message'],
  'open.save-side-effects': ['none', 'some'],
  'open.disconnect-mid-transfer': ['abort', 'continue'],
  'open.log-all': ['ignore', 'cancel'],
  'open.reply-list': ['reply'],
  'open.kick-after-stop': ['ignored', 'starts'],
  'open.reset-stops': ['stops', 'disables'],
  'open.base-error': ['close', 'zero'],
  'open.log-base-reply': ['none', 'u64', 'echo'],
  'open.mem-reg-payload': ['none', 'echo'],
  'open.backend-req-reply': ['asked', 'always'],
  'open.disabled-requests': ['discard', 'hold', 'leave'],
  'open.behind-check': ['after', 'before'],
} as const;

/** The id of an open question. */
export type Question = keyof typeof questions;

/** One answer to every open question. */
export type Variants = { readonly [Q in Question]: (typeof questions)[Q][number] };

/** The default answers. */
export const defaultVariants = Object.fromEntries(
  Object.entries(questions).map(([question, answers]) => [question, answers[0]]),
) as unknown as Variants;

/** Read `open.x=answer`. @throws Error naming what is unknown in it. */
export function parseVariant(text: string): Partial<Variants> {
  const [question = '', answer = ''] = text.split('=', 2);
  if (!Object.hasOwn(questions, question)) throw new Error(`unknown open question ${question || text}`);
  const answers: readonly string[] = questions[question as Question];
  if (!answers.includes(answer)) throw new Error(`${question} takes ${answers.join(', ')}, not ${answer || 'nothing'}`);
  return { [question]: answer };
}
