/** An operation of the table: what it is, what the closest thing costs elsewhere, and what ours is to reach. */
export interface Operation {
  readonly id: string;
  readonly what: string;
  /** Whole-transaction gas of the anchor, measured with the same compiler and chain. */
  readonly anchor: number;
  readonly anchorName: string;
  /** Absent for a row that only stands beside another. */
  readonly reach?: number;
  /** What must be known to read the figure. */
  readonly note?: string;
}

/** All operations, in the order of the table. */
export const operations: readonly Operation[] = [
  {
    id: "node-register-quorum",
    what: "Attest a declared node by five validators' signatures on its quote hash",
    anchor: 260_000,
    anchorName: "Oyster registerExecutor (260k to 277k)",
    reach: 210_000,
  },
  {
    id: "challenge-issue",
    what: "Issue the epoch's challenge, for any number of nodes",
    anchor: 60_000,
    anchorName: "none: no peer has it; the figure to reach",
    reach: 60_000,
  },
  {
    id: "proof-128",
    what: "Prove an epoch: 128 nonces, the enclave's signature checked, the rate kept",
    anchor: 167_000,
    anchorName: "Fluence submitProof, one proof, its hash mocked",
    reach: 70_000,
    note: "nonces of five random bytes, as of a node of 2^31 hashes a second that counts up from 0",
  },
  {
    id: "order-open-offer",
    what: "Open an order by a signed offer: escrowed, streaming, stake locked",
    anchor: 173_377,
    anchorName: "Oyster jobOpen, without signature or stake",
    reach: 165_000,
    note: "allowance given before; the offer was taken before",
  },
  {
    id: "order-request-accept",
    what: "Request and accept, the sum",
    anchor: 834_000,
    anchorName: "iExec matchOrders",
    reach: 200_000,
  },
  {
    id: "order-settle",
    what: "Settle an order over 24 epochs, nothing missed",
    anchor: 61_494,
    anchorName: "Oyster jobSettle",
    reach: 50_000,
  },
  {
    id: "order-settle-unproven",
    what: "The same before the node has proven the running epoch: its end is looked up too",
    anchor: 61_494,
    anchorName: "Oyster jobSettle",
    reach: 50_000,
  },
  {
    id: "order-settle-batch-each",
    what: "Settle 50 users' orders over 24 epochs, each",
    anchor: 59_500,
    anchorName: "Sablier Flow withdrawMax, batch of 10, each",
    reach: 20_000,
  },
  {
    id: "order-top-up",
    what: "Top up an order that was settled in this epoch",
    anchor: 59_257,
    anchorName: "Oyster jobDeposit",
    reach: 62_000,
  },
  {
    id: "order-top-up-unsettled",
    what: "Top up an order with 24 epochs to look through",
    anchor: 59_257,
    anchorName: "Oyster jobDeposit",
  },
  {
    id: "order-close",
    what: "Close an order that was settled in this epoch, refund on the ledger",
    anchor: 137_870,
    anchorName: "Oyster jobClose 78,360 + the rate initiate that must precede it 59,510",
    reach: 65_000,
  },
  {
    id: "order-close-unsettled",
    what: "Close an order with 24 epochs to settle, refund on the ledger",
    anchor: 137_870,
    anchorName: "Oyster jobClose 78,360 + the rate initiate that must precede it 59,510",
  },
];
