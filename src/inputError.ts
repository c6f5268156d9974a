/**
 * A value from outside (an argument, a file, a setting) that cannot be used. `remedy` says what to give instead.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  /** A sentence with the offending value, without its full stop. */
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(`${problem}. ${remedy}`, options);
    this.problem = problem;
    this.remedy = remedy;
  }
}
