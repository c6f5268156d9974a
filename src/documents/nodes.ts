import { z } from "zod";

import { byValidator, nodeWithKey, onChain } from "./fields.ts";
import { forms } from "../forms.ts";
import type { Attestation } from "../sgx/attestation.ts";

/** A quote and what binds it to one registration of a node. */
export const quoteDocument = z.strictObject({
  kind: z.literal("sgx-quote"),
  ...onChain,
  registry: forms.address,
  ...nodeWithKey,
  provider: forms.address,
  binding: z.strictObject({ nonce: forms.uint, blockNumber: forms.uint, blockHash: forms.bytes32 }),
  reportData: forms.bytes32,
  quote: forms.bytes,
});
export type QuoteDocument = z.infer<typeof quoteDocument>;

/** A quote that shows that a node's enclave is there now, for whoever chose the nonce. It attests no node. */
export const freshQuoteDocument = z.strictObject({
  kind: z.literal("fresh-quote"),
  ...onChain,
  registry: forms.address,
  ...nodeWithKey,
  nonce: forms.hash,
  blockNumber: forms.uint,
  blockHash: forms.hash,
  quote: forms.bytes,
});
export type FreshQuoteDocument = z.infer<typeof freshQuoteDocument>;

/** Validators' signatures on what a quote says. */
export const signaturesDocument = z.strictObject({
  kind: z.literal("quote-signatures"),
  ...onChain,
  verifier: forms.address,
  registry: forms.address,
  reportData: forms.bytes32,
  attestation: z.strictObject({
    quoteHash: forms.bytes32,
    mrEnclave: forms.bytes32,
    mrSigner: forms.bytes32,
    isvProdId: z.int(),
    isvSvn: z.int(),
    platformId: forms.bytes32,
    fmspc: forms.bytes,
    tcbStatus: z.int(),
    validUntil: forms.uint,
    launch: forms.bytes,
  }) as unknown as z.ZodType<Attestation>,
  basis: z.strictObject({
    collateralHash: forms.bytes32,
    evaluationNumber: z.int(),
    ca: z.int(),
    rootCrlIssuedAt: forms.uint,
    pckCrlIssuedAt: forms.uint,
  }),
  signatures: z.array(z.strictObject(byValidator)),
});
export type SignaturesDocument = z.infer<typeof signaturesDocument>;

/** An answer to a challenge. */
export const answerDocument = z.strictObject({
  kind: z.literal("proof-answer"),
  ...onChain,
  challengeManager: forms.address,
  nodeId: forms.uint,
  epoch: forms.uint,
  nonces: forms.bytes,
  signature: forms.bytes,
});
export type AnswerDocument = z.infer<typeof answerDocument>;
