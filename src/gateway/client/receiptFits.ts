import type { Receipt } from "../deployments/receipts.ts";

/** What a receipt must say, as the chain and the user know it. */
export type ReceiptFacts = Readonly<Partial<Omit<Receipt, "kind" | "signature">>>;

/**
 * What of a receipt is other than it must be, in words; undefined where all is as it must be. Who signed it says `verifyReceipt`.
 *
 * @param facts Only what is known.
 */
export function contradictionIn(receipt: Receipt, facts: ReceiptFacts): string | undefined {
  for (const [field, expected] of Object.entries(facts)) {
    const said = receipt[field as keyof ReceiptFacts];
    if (String(said).toLowerCase() === String(expected).toLowerCase()) continue;
    return `It says ${field} ${String(said)}, but it is ${String(expected)}`;
  }
  return undefined;
}
