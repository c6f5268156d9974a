import { action } from "../support/action.ts";
import { signingTime } from "../support/clock.ts";
import { amountIn, newId } from "../support/events.ts";
import { parseId, parseNumber } from "../support/inputs.ts";
import { wordsOf } from "./words.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import {
  formatAmount,
  formatRate,
  formatTime,
  formatUnits,
  parseAmount,
  parseDuration,
  parseRate,
} from "../../src/amounts.ts";

interface Arguments {
  readonly node: string;
  readonly deposit: string;
  readonly units: string;
  readonly price: string | undefined;
  readonly lock: string;
  readonly within: string;
  readonly onChainOnly: boolean;
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, token } = context;
  const { orderEscrow, nodeRegistry } = protocol;
  const nodeId = parseId(args.node, "node");
  const units = parseNumber(args.units, "number of units", 65_535n, 1n);
  const amount = parseAmount(args.deposit, token.decimals);
  const node = await nodeRegistry.getNode(nodeId);
  const perUnit = args.price === undefined ? node.ratePerUnit : parseRate(args.price, token.decimals);
  const wanted = {
    nodeId,
    units,
    ratePerSecond: perUnit * units,
    stakeLock: parseAmount(args.lock, token.decimals),
    mrEnclave: node.mrEnclave,
    enclaveKey: node.enclaveKey,
    modelId: node.modelId,
    onChainOnly: args.onChainOnly,
    acceptBy: (await signingTime(context)) + parseDuration(args.within),
  };
  const sent = await spend(context, {
    title: "Request the order",
    terms: wordsOf(wanted, token, { acceptBy: wanted.acceptBy }),
    spender: book.contracts.orderEscrow,
    amount,
    plain: () => orderEscrow.request.populateTransaction(wanted, amount),
    withPermit: (permit) => orderEscrow.requestWithPermit.populateTransaction(wanted, amount, permit),
  });
  const orderId = newId(sent, orderEscrow, "OrderRequested", "orderId");
  const deposit = amountIn(sent, orderEscrow, { name: "OrderRequested", argument: "deposit" }, amount);
  const id = orderId?.toString();
  return sentOutcome(sent, {
    data: { ...(orderId === undefined ? {} : { orderId }), request: wanted, deposit },
    rows: [
      ["Order", id ?? "a new one"],
      ["Node", `${nodeId.toString()}, ${formatUnits(units)}`],
      ["Price", `${formatRate(wanted.ratePerSecond, token.decimals)} ${token.symbol}`],
      ["Deposit", `${formatAmount(deposit, token.decimals)} ${token.symbol}`],
      ["Accept by", formatTime(wanted.acceptBy)],
    ],
    next: `the provider runs \`order accept ${id ?? ""} --account ${node.provider}\`; until then you can take it back: \`order close ${id ?? ""}\`.`,
  });
});
