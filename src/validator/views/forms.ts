import { z } from "zod";

import { forms } from "../../forms.ts";
import { blockForm, viewSignatureForm } from "../../view/forms.ts";

/** Signatures of one message at most: there are 32 seats, and some who have left. */
const MOST = 256;

/** A block, and who has signed it as one validator knows. */
export const signedBlockForm = blockForm.extend({
  kind: z.literal("signed-block"),
  chainId: z.int(),
  viewJudge: forms.address,
  signatures: z.array(viewSignatureForm).max(MOST),
});
export type SignedBlockDocument = z.infer<typeof signedBlockForm>;

/** Asks a validator to sign the block of a height. */
export const viewRequestForm = z.strictObject({ number: blockForm.shape.number });

/** A page of the blocks that a seat has signed, as another validator has them. */
export const viewStatementsForm = z.object({
  kind: z.literal("view-statements"),
  views: z.array(blockForm.extend({ signature: viewSignatureForm.shape.signature })).max(MOST),
  /** Where the next page begins; undefined on the last one. */
  next: z.int().optional(),
});
export type ViewStatements = z.infer<typeof viewStatementsForm>;
