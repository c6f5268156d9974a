import { getBytes } from "ethers";

import { collateralForQuote } from "./collateral.ts";
import { isFile } from "./inputs.ts";
import { sharedFileOf } from "./ownCollateral.ts";
import { besideQuote } from "./quoteFile.ts";
import { encodeDocuments } from "../../src/collateral/documents.ts";

/** What the judge validates: the collateral that was named, or that beside the quote, the validators' first; nothing where there is none. */
export async function documentsFor(quoteFile: string, quote: string, place: string | undefined): Promise<string> {
  const shared = sharedFileOf(besideQuote(quoteFile, "signatures.json"));
  const beside = isFile(shared) ? shared : besideQuote(quoteFile, "collateral.json");
  if (place === undefined && !isFile(beside)) return "0x";
  return encodeDocuments(await collateralForQuote(getBytes(quote), place, beside));
}
