/** Exit codes of tasks; docs/commands.md explains them. */
export const EXIT = { input: 1, defect: 2, refused: 3, network: 4, unknown: 5, interrupted: 130 } as const;

/** What went wrong, for people and for programs. */
export interface Failure {
  readonly exitCode: number;
  /** What a program tells it by. */
  readonly name: string;
  /** The arguments of a contract's error. */
  readonly args?: Readonly<Record<string, string>>;
  /** A sentence with the values that matter. */
  readonly cause: string;
  /** All that is wrong, where it is more than a sentence. */
  readonly faults?: readonly string[];
  /** A sentence that says what to do. */
  readonly remedy: string;
}

/** What to do where nobody answers on a network: where local chains are, mostly none runs yet. */
export const whereNobodyAnswers = (network: string, remedy: string): string =>
  network === "localhost"
    ? `Start a chain there with \`npx hardhat devnet\`, in a terminal of its own. ${remedy}`
    : remedy;

/** Completes the commands in a text of ours, so that they can be run as they stand. */
export type Complete = (text: string) => string;

/** A failure that explains itself and has an exit code of its own. */
export class ExplainedError extends Error {
  override readonly name: string;
  readonly failure: Failure;
  /** What else the document of `--json` has, such as what was done before. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(failure: Failure, data: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(`${failure.cause} ${failure.remedy}`, options);
    this.name = failure.name;
    this.failure = failure;
    this.data = data;
  }
}

/** Somebody ended the command, or the answers that it asks for. */
export class Interrupted extends ExplainedError {
  constructor(cause: string, remedy: string) {
    super({ exitCode: EXIT.interrupted, name: "Interrupted", cause, remedy });
  }
}

/** A text of somebody else on one line, cut where it is long. */
export function quoted(text: unknown, length = 200): string {
  const line = String(text).replace(/\s+/g, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}
