import { z } from "zod";

import { byValidator, nodeWithKey, onChain } from "./fields.ts";
import { forms } from "../forms.ts";

/** The key of an encrypted dataset. Secret: who has it and the file has the data. */
export const datasetKeyDocument = z.strictObject({
  kind: z.literal("dataset-key"),
  /** Of the encrypted file that it opens. */
  contentHash: forms.bytes32,
  dataKey: forms.bytes32,
});

/** A pair of keys to seal something to, and to open it with. Secret. */
export const encryptionKeyDocument = z.strictObject({
  kind: z.literal("encryption-key"),
  scheme: z.enum(["X25519", "Secp256k1"]),
  publicKey: forms.bytes,
  privateKey: forms.bytes32,
});

const uint40 = forms.uint.refine((value) => value < 2n ** 40n, "not a time in Unix seconds");

/** A grant that its dataset's owner signed, for anyone to carry. */
export const grantDocument = z.strictObject({
  kind: z.literal("data-grant"),
  ...onChain,
  grants: forms.address,
  owner: forms.address,
  terms: z.strictObject({
    datasetId: forms.uint,
    ...nodeWithKey,
    mrEnclave: forms.bytes32,
    until: uint40,
    demand: z.int().min(0).max(2),
    free: z.boolean(),
  }),
  nonce: forms.uint,
  deadline: forms.uint,
  signature: forms.bytes,
});
export type GrantDocument = z.infer<typeof grantDocument>;

const statement = {
  ...onChain,
  escrow: forms.address,
  taskId: forms.uint,
  inputHash: forms.bytes32,
  signature: forms.bytes,
};

/** An enclave's statement on a task: what its result hashes to, or that it gives the task up. */
export const statementDocument = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("task-result"), ...statement, resultHash: forms.bytes32 }),
  z.strictObject({ kind: z.literal("task-abort"), ...statement, reason: z.string(), explanation: z.string() }),
]);
export type StatementDocument = z.infer<typeof statementDocument>;

/** Validators' verdicts on a task's result. */
export const verdictsDocument = z.strictObject({
  kind: z.literal("task-verdicts"),
  ...onChain,
  escrow: forms.address,
  taskId: forms.uint,
  resultHash: forms.bytes32,
  /** The last second in which they count. */
  deadline: forms.uint,
  verdicts: z.array(z.strictObject({ ...byValidator, verdict: z.enum(["Valid", "Invalid"]) })),
});
export type VerdictsDocument = z.infer<typeof verdictsDocument>;
export type Verdict = VerdictsDocument["verdicts"][number];

/** A dataset's key, sealed to one enclave. It may be shown to anybody: only that enclave opens it. */
export const sealedDataKeyDocument = z.strictObject({
  kind: z.literal("sealed-data-key"),
  ...onChain,
  grants: forms.address,
  datasetId: forms.uint,
  /** The dataset's owner. */
  owner: forms.address,
  contentHash: forms.hash,
  ...nodeWithKey,
  sealed: forms.digits,
});
export type SealedDataKey = z.infer<typeof sealedDataKeyDocument>;
