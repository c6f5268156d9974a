import { z } from "zod";

import { nodeWithKey, onChain } from "./fields.ts";
import { forms } from "../forms.ts";
import { TCB_STATUS_NAMES, type TcbStatusName } from "../sgx/tcbStatus.ts";

/** The statuses that a policy may accept: a revoked platform gets nothing, whoever asks. */
const acceptable = TCB_STATUS_NAMES.filter((name) => name !== "Revoked") as [TcbStatusName, ...TcbStatusName[]];

/** A TCB status of Intel's that may be accepted. */
export const acceptableStatus = z.enum(acceptable);

/** The name of an advisory of Intel's. */
export const advisoryName = z
  .string()
  .regex(/^INTEL-SA-\d{1,8}$/, "not an advisory of Intel's, such as INTEL-SA-00615");

/** The least tcbEvaluationDataNumber of Intel's documents. */
export const leastEvaluationNumber = z.int().min(0).max(65_535);

/** A node as it was when it first got something sealed: what may never change of it. */
const pinnedNode = z.strictObject({ ...nodeWithKey, provider: forms.address, platformId: forms.hash });
export type PinnedNode = z.infer<typeof pinnedNode>;

/** What somebody demands of an enclave before anything secret is sealed to it. */
export const enclavePolicyDocument = z.strictObject({
  kind: z.literal("enclave-policy"),
  ...onChain,
  /** NodeRegistry's address. */
  registry: forms.address,
  /** Measurements (MRENCLAVE) of the code that may get it. */
  measurements: z.array(forms.hash).min(1).max(64),
  /** Intel's TCB statuses that are accepted. */
  statuses: z.array(acceptableStatus).min(1),
  /** Intel's advisories that are known and accepted; a platform with any other one gets nothing. */
  advisories: z.array(advisoryName),
  evaluationNumber: leastEvaluationNumber,
  /** Seconds that the block may be old which the quote names. */
  maxQuoteAge: z.int().min(3_600),
  /** Nodes that have passed, by which a network that tells of others is found out. */
  nodes: z.array(pinnedNode).max(4_096),
});
export type EnclavePolicy = z.infer<typeof enclavePolicyDocument>;
