import type { PlatformContext } from "./context.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * Refuses a document that was made for another chain or deployment.
 *
 * @param contract The address that the document names, and the one that it must be.
 */
export function checkPlace(
  context: PlatformContext,
  document: { readonly chainId: number },
  contract: { readonly named: string; readonly expected: string },
): void {
  const { book, chainId } = context;
  if (BigInt(document.chainId) === chainId && contract.named === contract.expected) return;
  const made = `chain ${String(document.chainId)} and the contract ${contract.named}`;
  const remedy = `Make it again on "${book.network}", chain ${String(book.chainId)}.`;
  throw new InputError(`The file is for ${made}, not for this deployment`, remedy);
}
