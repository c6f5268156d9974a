import { EXIT, ExplainedError } from "../failures/failure.ts";

/** What has become of a transaction. */
export type Fate = "mined" | "failed" | "pending" | "dropped" | "replaced" | "unknown";

/** A transaction that was sent, as it is told and as the document has it. */
export interface Sending {
  readonly title: string;
  /** Missing where the network's answer to sending it was lost. */
  readonly hash?: string;
  readonly nonce: number;
  readonly status: Fate;
  readonly block?: number;
  /** The transaction that was sent first, where another one with other fees came in its place. */
  readonly replaces?: string;
}

/** Why sending ended, and the exit code: a transaction whose end is not known is no failure, and not to be sent again without a look. */
const EXITS = {
  OutOfGas: EXIT.refused,
  TransactionFailed: EXIT.refused,
  Replaced: EXIT.unknown,
  Cancelled: EXIT.unknown,
  NotYetMined: EXIT.unknown,
  Dropped: EXIT.unknown,
  FateUnknown: EXIT.unknown,
  Interrupted: EXIT.interrupted,
} as const;

/** A transaction did not succeed, or nobody knows yet whether it did. */
export class SendingError extends ExplainedError {
  constructor(name: keyof typeof EXITS, cause: string, remedy: string, options?: ErrorOptions) {
    super({ exitCode: EXITS[name], name, cause, remedy }, {}, options);
  }
}

/** Something failed, which `cause` says, when some transactions had been sent already. */
export class PartlySent extends Error {
  override readonly name = "PartlySent";
  readonly sent: readonly Sending[];
  /** Titles of those that were not sent. */
  readonly notSent: readonly string[];

  constructor(cause: unknown, sent: readonly Sending[], notSent: readonly string[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.sent = sent;
    this.notSent = notSent;
  }

  /** Whether all that was to be sent was mined and has succeeded. */
  get isDone(): boolean {
    return this.notSent.length === 0 && this.sent.every(({ status }) => status === "mined");
  }

  /** What was done and what was not, a line each. */
  get lines(): string[] {
    const sent = this.sent.map((each) => `Sent: ${describeSending(each)}`);
    return [...sent, ...this.notSent.map((title) => `Not sent: ${title}`)];
  }
}

const FATES: Readonly<Record<Fate, string>> = {
  mined: "mined",
  failed: "failed on the chain",
  pending: "not mined yet",
  dropped: "no longer known to the network",
  replaced: "replaced by another transaction",
  unknown: "not known whether it was mined",
};

/** A transaction and its fate, in words. */
export function describeSending({ title, hash, nonce, status, block }: Sending): string {
  const what = hash ?? `with the nonce ${String(nonce)}, whose hash was not told`;
  const fate = status === "pending" && block !== undefined ? "mined and not yet confirmed" : FATES[status];
  return `${title}, ${what}, ${fate}${block === undefined ? "" : ` in block ${String(block)}`}`;
}
