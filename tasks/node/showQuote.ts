import { hexlify, keccak256 } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { findKept, keptFolder, nodeBase } from "../../src/documents/keptQuotes.ts";
import { openDemands, type OpenDemand } from "./quoteDemands.ts";
import { readQuoteBytes } from "../support/quoteFile.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly kept: string | undefined;
}

/** The quote that is demanded: from the file that was given, or of those that `node quote` has kept. */
function bytesOf(args: Arguments, { nodeId, quoteHash }: OpenDemand): string {
  const folder = args.kept ?? keptFolder(nodeBase(nodeId));
  const quote =
    args.quote === undefined ? findKept(folder, quoteHash)?.quote.quote : hexlify(readQuoteBytes(args.quote));
  if (quote !== undefined && keccak256(quote) === quoteHash) return quote;
  const where = args.quote === undefined ? `the folder "${folder}"` : `"${args.quote}"`;
  throw new InputError(
    `The quote ${quoteHash} is not in ${where}`,
    "Name its file with --quote, or its folder with --kept.",
  );
}

/** Shows a demanded quote. */
function showing({ protocol, book, token }: PlatformContext, args: Arguments, demand: OpenDemand, bond: bigint): Step {
  const { quoteHash, reportData } = demand;
  const registry = book.contracts.nodeRegistry;
  const quote = bytesOf(args, demand);
  const tx = () => protocol.quorumVerifier.showQuote.populateTransaction(registry, quoteHash, reportData, quote);
  const terms = `the treasury gets the bond of ${formatAmount(bond, token.decimals)} ${token.symbol} of whoever demanded it`;
  return { title: "Show the quote", terms, tx };
}

export default action(async (args: Arguments, context) => {
  const nodeId = parseId(args.node, "node");
  const demands = (await openDemands(context)).filter((demand) => demand.nodeId === nodeId);
  if (demands.length === 0) {
    throw new InputError(`Nobody demands to see a quote of node ${nodeId.toString()}`, "There is nothing to show.");
  }
  const bond = await context.protocol.quorumVerifier.demandBond();
  const steps = demands.map((demand) => showing(context, args, demand, bond));
  const sent = await transact(context, steps);
  const quotes = demands.map(({ quoteHash }) => quoteHash);
  return sentOutcome(sent, {
    data: { nodeId, quotes },
    rows: [["Node", nodeId.toString()], ...quotes.map((quoteHash) => ["Quote", quoteHash] as const)],
    next: "`node demands` says whether there are more.",
  });
});
