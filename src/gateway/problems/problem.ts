import { problemTypes, type ProblemCode, type ProblemType } from "./table.ts";

/** One fault of many, where a request has several: such as each line of a manifest that breaks a rule. */
export interface Fault {
  /** What is wrong, in one sentence with the values. */
  readonly detail: string;
  /** Where in the request or the file, such as `spec.containers[0].image`. */
  readonly path?: string;
  /** Line of the file, from 1. */
  readonly line?: number;
  /** Column of the line, from 1. */
  readonly column?: number;
}

/** What more an answer says of a problem. */
export interface ProblemOptions extends ErrorOptions {
  /** All faults, where there are several. */
  readonly errors?: readonly Fault[];
  /** After how many seconds to try again; sent as the header Retry-After. */
  readonly retryAfter?: number;
  /** What to do next, where it depends on the values; that of the code by default. */
  readonly hint?: string;
}

/**
 * A refusal that whoever asked is told of, as RFC 9457 says. Anything else that is thrown is answered as `internal`, and only the log says
 * what it was.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  /** What happened this time, with the values; nothing internal and nothing secret. */
  readonly detail: string;
  readonly errors: readonly Fault[];
  readonly retryAfter: number | undefined;
  /** What to do next. */
  readonly hint: string;

  constructor(code: ProblemCode, detail: string, { errors = [], retryAfter, hint, ...options }: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.hint = hint ?? problemTypes[code].hint;
  }

  /** Its status and title, and the hint of its code. */
  get type(): ProblemType {
    return problemTypes[this.code];
  }
}
