/** What an {@link InputError} may have beside its sentences. */
export interface InputErrorOptions extends ErrorOptions {
  /** All that is wrong, where it is more than a sentence: each is shown on a line of its own. */
  readonly faults?: readonly string[];
  /** The code that a program ends with; 1 by default. */
  readonly exitCode?: number;
}

/**
 * A value from outside (an argument, a file, a setting) that cannot be used. `remedy` says what to give instead.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  /** A sentence with the offending value, without its full stop. */
  readonly problem: string;
  readonly remedy: string;
  readonly faults: readonly string[];
  readonly exitCode: number;

  constructor(problem: string, remedy: string, options: InputErrorOptions = {}) {
    const { faults = [], exitCode = 1 } = options;
    const all = faults.length === 0 ? `${problem}. ` : `${problem}:\n${faults.map((each) => `  - ${each}\n`).join("")}`;
    super(all + remedy, options);
    this.problem = problem;
    this.remedy = remedy;
    this.faults = faults;
    this.exitCode = exitCode;
  }
}
