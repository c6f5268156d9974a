import { getBytes } from "ethers";

import { collateralForQuote } from "./collateral.ts";
import type { PlatformContext } from "./context.ts";
import { isFile } from "./inputs.ts";
import { sharedFileOf } from "./ownCollateral.ts";
import { besideQuote } from "./quoteFile.ts";
import { newestEvent } from "../../src/chain/history.ts";
import { encodeDocuments } from "../../src/collateral/documents.ts";
import { InputError } from "../../src/inputError.ts";

/** What a quorum said of a quote, from its event. */
export async function vouchingOf({ protocol, book, history }: PlatformContext, quoteHash: string) {
  const { quorumVerifier } = protocol;
  const filter = quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash);
  const vouched = (await newestEvent(history, quorumVerifier, filter))?.args;
  if (vouched === undefined) {
    throw new InputError(`Nobody vouched for the quote ${quoteHash}`, "There is nothing to judge or to dispute.");
  }
  // What an event gives is frozen, and contracts do not take it as an argument.
  const { mrEnclave, mrSigner, isvProdId, isvSvn, platformId, fmspc, tcbStatus, validUntil, launch } =
    vouched.attestation;
  const { collateralHash, evaluationNumber, ca, rootCrlIssuedAt, pckCrlIssuedAt } = vouched.basis;
  return {
    attestation: {
      quoteHash,
      mrEnclave,
      mrSigner,
      isvProdId,
      isvSvn,
      platformId,
      fmspc,
      tcbStatus,
      validUntil,
      launch,
    },
    basis: { collateralHash, evaluationNumber, ca, rootCrlIssuedAt, pckCrlIssuedAt },
    signers: [...vouched.signers],
  };
}

/** What the judge validates: the collateral that was named, or that beside the quote, the validators' first; nothing where there is none. */
export async function documentsFor(quoteFile: string, quote: string, place: string | undefined): Promise<string> {
  const shared = sharedFileOf(besideQuote(quoteFile, "signatures.json"));
  const beside = isFile(shared) ? shared : besideQuote(quoteFile, "collateral.json");
  if (place === undefined && !isFile(beside)) return "0x";
  return encodeDocuments(await collateralForQuote(getBytes(quote), place, beside));
}
