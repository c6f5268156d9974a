import { z } from "zod";

import { forms } from "../forms.ts";
import { trustForm, viewsForm } from "../view/forms.ts";
import { beliefForm } from "../view/signedViews.ts";
import type { Content } from "./channel/frames.ts";
import { ALL_FAULTS, type AnyFault } from "./errors.ts";
import { grantEvidenceForm } from "./grantEvidence.ts";
import { auditEntryForm, logHeadForm } from "./vault/auditLog.ts";

/*
 * What is said inside a channel: a head in JSON, and bytes beside it. The first question opens the session; an upload goes over as many frames
 * as it needs. Whole numbers of chains are decimal strings.
 */

const uint256 = forms.uint.refine((value) => value < 1n << 256n, "more than 256 bits");
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40);

/** A capability and its owner's signature. */
export const signedCapabilityForm = z.strictObject({
  kind: z.literal("proxy-capability"),
  chainId: uint256,
  /** NodeRegistry's address. */
  registry: forms.address,
  owner: forms.address,
  holder: forms.address,
  nodeId: uint256,
  enclaveKey: forms.address,
  contentHash: forms.hash,
  program: forms.hash,
  uses: uint256,
  budget: uint256,
  until: uint256,
  escrow: forms.address,
  grants: forms.address,
  datasetId: uint256,
  grantNonce: uint256,
  firstView: forms.hash,
  nonce: forms.hash,
  signature: forms.digits,
});
export type SignedCapability = z.infer<typeof signedCapabilityForm>;

/** What can be asked. */
export const questionForm = z.discriminatedUnion("ask", [
  /** The account's signature over the session, the time by its clock, and as an owner the newest head of its log that it has seen. */
  z.strictObject({
    ask: z.literal("open"),
    account: forms.address,
    signature: forms.digits,
    time: seconds,
    known: logHeadForm.nullable(),
  }),
  z.strictObject({ ask: z.literal("list") }),
  /** The data key is the body. */
  z.strictObject({
    ask: z.literal("upload"),
    contentHash: forms.hash,
    size: z.int().min(1),
    replaces: forms.hash.nullable(),
  }),
  z.strictObject({ ask: z.literal("chunk"), offset: z.int().min(0) }),
  z.strictObject({ ask: z.literal("finish") }),
  z.strictObject({ ask: z.literal("query"), contentHash: forms.hash, program: forms.hash, parameters: z.unknown() }),
  /** What the proxy believes of the chain. */
  z.strictObject({ ask: z.literal("chain") }),
  z.strictObject({ ask: z.literal("believe"), views: viewsForm }),
  /** With what shows that the capability was not revoked on chain, where something there can revoke it. */
  z.strictObject({
    ask: z.literal("use"),
    capability: signedCapabilityForm,
    parameters: z.unknown(),
    evidence: grantEvidenceForm.nullable(),
  }),
  /** The task's sealed inputs are the body. */
  z.strictObject({
    ask: z.literal("lend"),
    capability: signedCapabilityForm,
    evidence: grantEvidenceForm.nullable(),
  }),
  z.strictObject({ ask: z.literal("log"), from: z.int().min(0) }),
  z.strictObject({ ask: z.literal("revoke"), capability: signedCapabilityForm }),
]);
export type Question = z.infer<typeof questionForm>;
/** What is asked in an open session. */
export type Ask = Exclude<Question, { ask: "open" }>;
/** A question of one kind. */
export type Of<A extends Ask["ask"]> = Extract<Ask, { ask: A }>;

const left = { usesLeft: uint256, budgetLeft: uint256 };

const datasetForm = z.strictObject({ contentHash: forms.hash, size: z.int().min(0) });
const programForm = z.strictObject({ hash: forms.hash, name: z.string().max(64) });

/** What is answered, by question. Where an owner asks, with the head of its log. */
export const answerForms = {
  /** `isOwner`: whether the proxy keeps data of the account. `goesOn`: whether its log has the head that was known, and goes on from there. */
  open: z.strictObject({ isOwner: z.boolean(), head: logHeadForm.nullable(), goesOn: z.boolean() }),
  list: z.strictObject({ datasets: z.array(datasetForm), programs: z.array(programForm) }),
  upload: z.strictObject({}),
  chunk: z.strictObject({}),
  finish: z.strictObject({ head: logHeadForm }),
  query: z.strictObject({ head: logHeadForm }),
  /** Both are null where the program believes whoever runs it. */
  chain: z.strictObject({ trust: trustForm.nullable(), belief: beliefForm.nullable() }),
  believe: z.strictObject({}),
  use: z.strictObject(left),
  /** The dataset's key, sealed to the enclave for a task with these inputs, is the body. */
  lend: z.strictObject({ ...left, inputHash: forms.hash }),
  log: z.strictObject({ entries: z.array(auditEntryForm), head: logHeadForm }),
  revoke: z.strictObject({ head: logHeadForm }),
} as const;
export type Answers = { readonly [Ask in keyof typeof answerForms]: z.infer<(typeof answerForms)[Ask]> };

/** An answer as it is sent. */
export function answered<A extends Ask["ask"]>(
  _ask: A,
  head: Answers[A],
  body: Uint8Array = new Uint8Array(),
): Content {
  return { head, body };
}

/** Why a question was refused, in the enclave's own words. */
export const errorForm = z.strictObject({
  error: z.strictObject({
    code: z.enum(ALL_FAULTS as [AnyFault, ...AnyFault[]]),
    problem: z.string(),
    remedy: z.string(),
  }),
});

/** How many entries of a log are told at once. */
export const LOG_PAGE = 300;
