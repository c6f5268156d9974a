/** What a problem means, in RFC 9457's terms. */
export interface ProblemType {
  /** HTTP status of the answer. */
  readonly status:
    400 | 401 | 403 | 404 | 408 | 409 | 410 | 413 | 415 | 416 | 421 | 422 | 429 | 431 | 500 | 502 | 503 | 504 | 507;
  /** What happened, in one sentence without values. */
  readonly title: string;
  /** What to do next. */
  readonly hint: string;
}

/** Problems by their codes. */
export type ProblemTable = Readonly<Record<string, ProblemType>>;
