/** Characters of what a CA says that are passed on at most. */
const LONGEST = 500;

/** Why there is no certificate: what the CA refused, or that it does not answer. */
export class CertificateRefusal extends Error {
  override readonly name = "CertificateRefusal";
  /** A sentence for the name's owner, without its full stop. */
  readonly detail: string;
  /** Milliseconds for which the CA does not want to be asked again; 0 where it does not say. */
  readonly retryAfter: number;

  constructor(detail: string, retryAfter = 0, options?: ErrorOptions) {
    super(detail, options);
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** What a CA says, on one line and not without end: it quotes what it found at a stranger's server. */
export function quoted(text: unknown): string {
  const said = typeof text === "string" ? text : "";
  const plain = said
    .replaceAll(/[^\x20-\x7e\u00a0-\uffff]+/g, " ")
    .trim()
    .replace(/\.$/, "");
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}
