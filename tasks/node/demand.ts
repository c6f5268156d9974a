import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { amountIn, eventOf } from "../support/events.ts";
import { parseBytes32, parseId } from "../support/inputs.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { newestEvent } from "../../src/chain/history.ts";
import { InputError } from "../../src/inputError.ts";
import { lastAttestation } from "../../src/validator/quotes/attestations.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
}

/** The quote to ask for: the one that was named, or the node's newest. */
async function quoteHashFor(context: PlatformContext, nodeId: bigint, named: string | undefined): Promise<string> {
  if (named !== undefined) return parseBytes32(named, "quote's hash");
  return (await lastAttestation(context, nodeId)).quoteHash;
}

/** The report data under which a quorum vouched for a quote of a node. */
async function vouchedReportData(
  { protocol, book, history }: PlatformContext,
  nodeId: bigint,
  quoteHash: string,
): Promise<string> {
  const { quorumVerifier, nodeRegistry } = protocol;
  const [attested, vouched] = await Promise.all([
    newestEvent(history, nodeRegistry, nodeRegistry.filters.NodeAttested(nodeId, quoteHash)),
    newestEvent(history, quorumVerifier, quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash)),
  ]);
  const reportData = vouched?.args.reportData;
  if (attested !== undefined && reportData !== undefined) return reportData;
  const problem = `No quorum vouched for the quote ${quoteHash} of node ${nodeId.toString()}`;
  const remedy = "A quote that the chain itself verified is in its calldata: there is nothing to ask for.";
  throw new InputError(problem, remedy);
}

/** Until when the quote has to be shown, as the chain has said; nothing for a dry run. */
function answerByIn({ protocol }: PlatformContext, sent: Sent): bigint | undefined {
  return eventOf(sent, protocol.quorumVerifier, "QuoteDemanded")?.args.getValue("answerBy") as bigint | undefined;
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, token } = context;
  const { quorumVerifier, stakeVault } = protocol;
  const nodeId = parseId(args.node, "node");
  const quoteHash = await quoteHashFor(context, nodeId, args.quote);
  const reportData = await vouchedReportData(context, nodeId, quoteHash);
  const bond = await quorumVerifier.demandBond();
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const terms = `locks ${show(bond)} of your free stake, which the treasury gets if the quote is shown`;
  const tx = () => quorumVerifier.demandQuote.populateTransaction(book.contracts.nodeRegistry, quoteHash, reportData);
  const sent = await transact(context, [{ title: "Demand to see the quote", terms, tx }]);
  const locked = amountIn(sent, stakeVault, { name: "Locked" }, bond);
  const answerBy = answerByIn(context, sent);
  const id = nodeId.toString();
  const until = answerBy === undefined ? "one day after the demand" : formatTime(answerBy);
  return sentOutcome(sent, {
    data: {
      ...{ nodeId, quoteHash, reportData, bond: locked, demander: await senderOf(context) },
      ...(answerBy === undefined ? {} : { answerBy }),
    },
    rows: [
      ["Node", id],
      ["Quote", quoteHash],
      ["Bond", `${show(locked)}; it comes back if nobody shows the quote, or if it is disproven`],
      ["To be shown by", until],
    ],
    next: `if it is not shown by then, \`node dispute ${id}\` ends the node.`,
  });
});
