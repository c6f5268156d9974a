import type { Sending } from "../sending/failures.ts";

/** What is done after the last transaction. */
const LAST = "Write the address book";

/** How far a deployment has come: what it has sent, and how much it has not. */
export class Progress {
  readonly sent: Sending[] = [];
  /** How many steps are not sent yet. */
  left = 0;

  /** Notes a transaction, or what has become of one that was noted before: with its nonce, and the same hash or none yet. */
  note(sending: Sending): void {
    const isIt = ({ nonce, hash }: Sending): boolean =>
      nonce === sending.nonce && (hash === undefined || hash === sending.hash);
    const place = this.sent.findIndex(isIt);
    if (place < 0) this.sent.push(sending);
    else this.sent[place] = sending;
  }

  /** Forgets a transaction without a hash, because it turned out not to be sent. */
  forget(unsent: Pick<Sending, "nonce">): void {
    const place = this.sent.findIndex(({ nonce, hash }) => nonce === unsent.nonce && hash === undefined);
    if (place >= 0) this.sent.splice(place, 1);
  }

  /** Those of which nobody knows yet that they are mined and confirmed. */
  get open(): Sending[] {
    return this.sent.filter(({ status }) => status === "pending" || status === "unknown");
  }

  /** What was not done, in words. */
  get notSent(): string[] {
    return [...(this.left === 0 ? [] : [`${String(this.left)} more steps of the deployment`]), LAST];
  }
}
