import { z } from "zod";

import { quoteDocument, signaturesDocument } from "../../documents/nodes.ts";
import { verdictsDocument } from "../../documents/tasks.ts";
import { forms } from "../../forms.ts";

/** So many signatures, verdicts or statements one message carries at most: there are 32 seats, and a few sets of facts. */
const MOST = 256;

/** How far a validator is with a quote. */
export const quoteStatusForm = z.object({
  kind: z.literal("quote-status"),
  reportData: forms.hash,
  /**
   * `unknown`: it has not seen the quote; `waiting`: it has not judged it yet; `signed`: it vouches for it; `refused`: it does not, and `reason` says
   * why.
   */
  state: z.enum(["unknown", "waiting", "signed", "refused"]),
  reason: z.string().max(2_000).optional(),
  /** All signatures that it has, its own and others', by what they vouch for. */
  signatures: z.array(signaturesDocument).max(MOST),
});
export type QuoteStatus = z.infer<typeof quoteStatusForm>;

/** A validator's own signature on a quote, with what others need to check it. */
export const sharedQuoteForm = z.strictObject({
  quote: quoteDocument,
  signed: signaturesDocument,
  /** The documents of Intel's that it rests on, as `collateral fetch` writes them. */
  collateral: z.string().max(1_000_000),
});
export type SharedQuote = z.infer<typeof sharedQuoteForm>;

/** The verdicts that a validator has on one task, by result. */
export const verdictListForm = z.object({
  kind: z.literal("verdict-list"),
  documents: z.array(verdictsDocument).max(MOST),
});
export type VerdictList = z.infer<typeof verdictListForm>;

/** A validator says that it is there: which process speaks in the seat's name. */
/** The path at which a validator presents itself. */
export const PRESENCE = "/v1/presence";

export const presenceForm = z.strictObject({ instance: forms.hash });

/** The processes that have spoken in a seat's name lately, with the seat's signatures on what they said. */
export const presencesForm = z.object({
  kind: z.literal("presences"),
  instances: z
    .array(z.object({ instance: forms.hash, sentAt: z.int(), nonce: forms.hash, signature: forms.bytes }))
    .max(MOST),
});
export type Presences = z.infer<typeof presencesForm>;

const attestation = signaturesDocument.shape.attestation;
const basis = signaturesDocument.shape.basis;

/** What a seat has signed, with its signatures, as another validator has it. */
export const statementsForm = z.object({
  kind: z.literal("statements"),
  vouches: z
    .array(
      z.object({
        consumer: forms.address,
        reportData: forms.hash,
        attestation,
        basis,
        signature: forms.seatSignature,
      }),
    )
    .max(MOST),
  verdicts: z
    .array(
      z.object({
        taskId: forms.uint,
        termsHash: forms.hash,
        resultHash: forms.hash,
        vouchedAttestation: forms.uint,
        verdict: z.enum(["Valid", "Invalid"]),
        deadline: forms.uint,
        signature: forms.seatSignature,
      }),
    )
    .max(MOST),
  /** Where the next page begins; undefined on the last one. */
  next: z.int().optional(),
});
export type Statements = z.infer<typeof statementsForm>;

/** Who a validator is. */
export const statusForm = z.object({
  kind: z.literal("validator-status"),
  version: z.string(),
  chainId: z.int(),
  quorumVerifier: forms.address,
  validator: forms.address,
  /** Whether it signs: not while it makes sure that nobody else signs with its key. */
  isSigning: z.boolean(),
  /** Unix seconds by its clock. */
  time: z.int(),
});
export type ValidatorStatus = z.infer<typeof statusForm>;
