import { getBytes } from "ethers";
import { statSync } from "node:fs";

import { LOCAL_CHAIN_ID, type PlatformContext } from "./context.ts";
import type { QuoteDocument } from "./documents.ts";
import { isFile, readBytes } from "./inputs.ts";
import { besideQuote } from "./quoteFile.ts";
import { InputError } from "../../src/inputError.ts";
import {
  parseCollateral,
  readCollateralFolder,
  verifyQuote,
  type Collateral,
  type Hex,
  type QuoteReport,
} from "../../src/sgx/index.ts";

/** The options by which a validator verifies a quote. */
export interface QuoteArguments {
  readonly quote: string;
  readonly collateral: string | undefined;
  readonly root: string | undefined;
}

function readCollateral(file: string): Collateral {
  const isFolder = isFile(file) && statSync(file).isDirectory();
  return isFolder ? readCollateralFolder(file) : parseCollateral(readBytes(file).toString("utf8"));
}

/**
 * Verifies a quote from its file, as a validator has to before it signs.
 *
 * @throws {InputError} Where another root than Intel's is named on a real chain.
 */
export function verifyQuoteFile(
  { chainId }: PlatformContext,
  args: QuoteArguments,
  { quote }: QuoteDocument,
  { reportData, time }: { readonly reportData: Hex; readonly time: bigint },
): QuoteReport {
  if (args.root !== undefined && chainId !== LOCAL_CHAIN_ID) {
    throw new InputError(
      `Chain ${chainId.toString()} is real, and there only Intel's own root counts`,
      "Leave out --root; who signs for a simulated quote is slashed.",
    );
  }
  const collateral = readCollateral(args.collateral ?? besideQuote(args.quote, "collateral.json"));
  const root = args.root === undefined ? {} : { root: readBytes(args.root).toString("utf8").trim() as Hex };
  return verifyQuote({ quote: getBytes(quote), collateral, ...root, time, expectedReportData: reportData });
}
