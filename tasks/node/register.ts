import { action } from "../support/action.ts";
import { attestNode } from "../support/attest.ts";
import { parseEvaluationNumber } from "../support/collateral.ts";
import type { PlatformContext } from "../support/context.ts";
import { amountIn, newId } from "../support/events.ts";
import { needed, parseNumber, parseUrl } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatRate, parseRate } from "../../src/amounts.ts";
import { declarationTermsOf } from "../../src/declaration.ts";

interface Arguments {
  readonly model: string | undefined;
  readonly units: string;
  readonly price: string | undefined;
  readonly url: string | undefined;
  readonly quote: string | undefined;
  readonly signatures: string | undefined;
  readonly collateral: string | undefined;
  readonly number: string | undefined;
}

async function declareNode(args: Arguments, context: PlatformContext): Promise<Outcome> {
  const { protocol, token } = context;
  const { nodeRegistry, hardwareCatalog } = protocol;
  const modelId = parseNumber(needed(args.model, "model"), "model id", 2n ** 32n - 1n);
  const units = parseNumber(args.units, "number of units", 65_535n);
  const rate = parseRate(needed(args.price, "price"), token.decimals);
  const url = parseUrl(needed(args.url, "url"));
  const { requiredRate, stake } = await declarationTermsOf(protocol, modelId, units);
  const { name } = await hardwareCatalog.getModel(modelId);
  const locked = `${formatAmount(stake, token.decimals)} ${token.symbol}`;
  const price = `${formatRate(rate, token.decimals)} ${token.symbol} a unit`;
  const terms = `locks ${locked} of your free stake; ${units.toString()} of ${name} for ${price}; ${requiredRate.toString()} hashes/s to prove`;
  const tx = () => nodeRegistry.declare.populateTransaction(modelId, units, rate, requiredRate, stake, url);
  const sent = await transact(context, [{ title: "Declare the node", terms, tx }]);
  const locks = amountIn(sent, nodeRegistry, { name: "NodeDeclared", argument: "stake" }, stake);
  const nodeId = newId(sent, nodeRegistry, "NodeDeclared", "nodeId");
  const id = nodeId?.toString() ?? "";
  return sentOutcome(sent, {
    data: {
      ...(nodeId === undefined ? {} : { nodeId }),
      modelId,
      units,
      ratePerUnit: rate,
      requiredRate,
      stake: locks,
    },
    rows: [
      ["Node", id === "" ? "a new one" : id],
      ["Hardware", `${units.toString()} of ${name}`],
      ["Price", price],
      ["To prove", `${requiredRate.toString()} hashes/s`],
      ["Stake locked", `${formatAmount(locks, token.decimals)} ${token.symbol}`],
    ],
    next: `make its quote: \`node quote ${id}\`.`,
  });
}

export default action(async (args: Arguments, context) => {
  const { quote } = args;
  if (quote === undefined) return declareNode(args, context);
  return attestNode(context, { ...args, quote, number: parseEvaluationNumber(args.number) });
});
