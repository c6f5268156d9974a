import type { ContractTransaction, TransactionReceipt } from "ethers";

/** What one transaction is to bring about. */
export interface Intention {
  /**
   * Names it among all of the account's, for good: the same effect has the same key, such as `prove 7 20412`, and another effect another one.
   * Of one key at most one transaction is ever in effect.
   */
  readonly key: string;
  /** What it is for, in words: "prove epoch 20412 for node 7". */
  readonly purpose: string;
  /** `to`, `data`, and `value` in wei. */
  readonly transaction: ContractTransaction;
  /** Unix seconds by the chain's clock from which on it is of no use: it is not sent then, nor paid more for. */
  readonly deadline?: number | undefined;
  /**
   * Unix milliseconds by the machine's clock from which on nothing is signed for it: as long as nothing is signed for it that can be mined, it is
   * abandoned then, and can be asked for anew. What was signed in time goes on.
   */
  readonly signBy?: number | undefined;
  /** Takes the place of what is under way and is not urgent, or due much later; that is sent again after it. */
  readonly isUrgent?: boolean | undefined;
}

/** What became of an intention. */
export type Outcome =
  | { readonly kind: "mined"; readonly receipt: TransactionReceipt }
  /** Mined, paid for, and without effect: a contract refused it, or it had too little gas. */
  | { readonly kind: "reverted"; readonly cause: "refused" | "out-of-gas"; readonly receipt: TransactionReceipt }
  /** Not mined, and it cannot be any more. */
  | {
      readonly kind: "abandoned";
      readonly reason: string;
      /** Whether that is so because nothing was signed in time; see {@link Intention.signBy}. */
      readonly isOverdue?: true;
    };

/** Sends the transactions of one account, the only one that does. */
export interface Sender {
  readonly address: string;
  /**
   * Brings an intention to its end: writes it down, signs, sends through every endpoint, pays more while it is stuck, and follows it through
   * reorganisations to the configured depth. An intention of a key that is under way already, before a restart too, is that one; what was mined
   * under a key and still is, is told again and not sent again.
   *
   * @throws {RefusedError} When the chain refuses it as it is now, before anything is sent.
   * @throws {ChainUnreachableError} When nobody can say whether what was mined under its key still is.
   * @throws {KeyInUseError} When something else sends with this key: nothing is sent until a person says so.
   * @throws {SenderClosedError} When the sender is closed; what is under way is kept.
   */
  send(intention: Intention): Promise<Outcome>;
  /** Begins to go on with what was under way when the process last ended; does not wait for its end. */
  recover(): Promise<void>;
  /** Waits for what is under way, at most until its next step is safe to leave to a later start, and takes nothing more. */
  close(): Promise<void>;
}
