/** A mistake of the user's or of the environment: one clear line that says what is wrong and what to do. Exit status 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
