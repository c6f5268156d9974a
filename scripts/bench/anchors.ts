/** An operation of the table: what it is, what the closest thing costs elsewhere, and what ours is to reach. */
export interface Operation {
  readonly id: string;
  readonly what: string;
  /** Whole-transaction gas of the anchor, measured with the same compiler and chain. Absent where nothing is comparable. */
  readonly anchor?: number;
  readonly anchorName?: string;
  /** Absent for a row that only stands beside another. */
  readonly reach?: number;
  /** Measured only where the real vectors are; elsewhere the table keeps its row. */
  readonly isOptional?: boolean;
  /** What must be known to read the figure. */
  readonly note?: string;
}

/** Automata's on-chain verification of an SGX quote, nothing else: no binding, no node, no debug check. */
const AUTOMATA = 4_482_413;
const AUTOMATA_NAME = "Automata verifyAndAttestOnChain, verification alone";

/** What iExec's deals cost that do what a task does here. */
const MATCH = { anchor: 834_000, anchorName: "iExec matchOrders: deal made and worker pool committed in one" };

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
    id: "dcap-register-new-pck",
    what: "Attest a declared node by its quote, its PCK certificate never seen before: verified and kept",
    anchor: AUTOMATA,
    anchorName: AUTOMATA_NAME,
    reach: 250_000,
    note: "44 serial numbers on the PCK CA's CRL",
  },
  {
    id: "dcap-reattest",
    what: "Attest it again, platform and collateral as before",
    anchor: AUTOMATA,
    anchorName: AUTOMATA_NAME,
    reach: 80_000,
  },
  {
    id: "dcap-reattest-known",
    what: "Attest it again when its attestation key has changed, or what the collateral says",
    anchor: AUTOMATA,
    anchorName: AUTOMATA_NAME,
    note: "45 serial numbers on the PCK CA's CRL, one of them new",
  },
  {
    id: "dcap-verify-real-new-pck",
    what: "The verifier alone on Intel's own quote, its PCK certificate never seen before",
    anchor: AUTOMATA,
    anchorName: `${AUTOMATA_NAME} on the same quote`,
    isOptional: true,
    note: "measured where the real vectors are",
  },
  {
    id: "dcap-verify-real-cached",
    what: "The same once more",
    anchor: AUTOMATA,
    anchorName: `${AUTOMATA_NAME} on the same quote`,
    isOptional: true,
    note: "measured where the real vectors are",
  },
  {
    id: "collateral-tcb-info",
    what: "Submit TCB info: 11 levels, 6.6 kB of text",
    anchor: 12_831_414,
    anchorName: "Automata upsertFmspcTcb",
    reach: 450_000,
  },
  {
    id: "collateral-crl-129",
    what: "Submit a PCK CRL of 129 serial numbers; looking one up later is part of an attestation",
    anchor: 20_400_000,
    anchorName: "Automata, each single look-up in such a list",
    reach: 380_000,
  },
  {
    id: "collateral-qe-identity",
    what: "Submit a QE identity",
    anchor: 2_651_944,
    anchorName: "Automata upsertEnclaveIdentity",
    reach: 200_000,
  },
  {
    id: "collateral-ca",
    what: "Submit a PCK CA's certificate",
    anchor: 790_000,
    anchorName: "Automata upsertPcsCertificates (790k to 890k)",
    reach: 120_000,
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
    id: "proof-128-answers",
    what: "The same as the epoch's first proof: the seed kept, the epoch recorded as answered",
    anchor: 167_000,
    anchorName: "Fluence submitProof, one proof, its hash mocked",
  },
  {
    id: "order-open-offer",
    what: "Open an order by a signed offer: escrowed, streaming, stake locked",
    anchor: 173_377,
    anchorName: "Oyster jobOpen, without signature or stake",
    reach: 160_000,
    note: "allowance given before; the offer was taken before; the node holds the lock idle",
  },
  {
    id: "order-open-offer-lock",
    what: "The same where no lock is idle: the vault locks the provider's stake",
    anchor: 173_377,
    anchorName: "Oyster jobOpen, without signature or stake",
  },
  {
    id: "order-request-accept",
    what: "Request and accept, the sum",
    anchor: 834_000,
    anchorName: "iExec matchOrders",
    reach: 200_000,
    note: "the node holds the lock idle",
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
  {
    id: "task-publish",
    what: "Publish a task over one dataset: fees escrowed",
    ...MATCH,
    reach: 200_000,
    note: "allowance given before; a URI of 66 bytes, as below",
  },
  {
    id: "task-accept",
    what: "Accept it: grant and attestation checked, price fixed, stake locked",
    ...MATCH,
    reach: 95_000,
    note: "a node whose quote the chain verified, and the attestation asked for that is the default",
  },
  {
    id: "task-submit",
    what: "Bring the result, the enclave's signature checked",
    anchor: 222_000,
    anchorName: "iExec contribute, one worker's",
    reach: 80_000,
  },
  {
    id: "task-finalize-5",
    what: "End it by five validators' signatures: owner, node and validators paid, stake released",
    anchor: 499_000,
    anchorName: "iExec finalize",
    reach: 185_000,
  },
  {
    id: "task-whole",
    what: "The four together",
    anchor: 1_555_000,
    anchorName: "iExec matchOrders + contribute + finalize",
    reach: 560_000,
  },
  {
    id: "task-whole-quorum",
    what: "The same by a node that a quorum vouched for: its finality looked up, the verdict's signers kept",
    anchor: 1_555_000,
    anchorName: "iExec matchOrders + contribute + finalize",
    reach: 560_000,
  },
  { id: "task-finalize-32", what: "End one by the signatures of all 32 validators that there can be" },
  { id: "task-publish-permit", what: "Publish with a permit instead of an allowance" },
  { id: "task-publish-16", what: "Publish a task over 16 datasets, as many as it can use" },
  { id: "task-accept-16", what: "Accept that one" },
  { id: "task-finalize-invalid-5", what: "End one as invalid: owner and five validators paid from the lock" },
  { id: "task-expire-late", what: "End one whose result is late: its owner paid from the lock" },
  { id: "task-expire-unjudged", what: "End one without a verdict, of whose result a chunk was shown" },
  { id: "task-abort", what: "End one by the enclave's word that it gives up" },
  { id: "task-cancel", what: "Take a task back before it is accepted" },
  { id: "task-withdraw", what: "Take what the ledger owes" },
  { id: "task-demand", what: "Demand a chunk of a result (a bond is locked; another was demanded before)" },
  { id: "task-answer", what: "Show it: 4,096 bytes and three hashes, kept in the event" },
  { id: "task-close", what: "End a task as Invalid because nobody has" },
  { id: "dataset-register", what: "Register a dataset" },
  { id: "dataset-grant", what: "Grant it to a node for the first time" },
  { id: "dataset-grant-for", what: "The same by its owner's signature, carried by somebody else" },
  { id: "dataset-revoke", what: "Revoke it" },
];
