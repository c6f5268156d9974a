import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { given, listPage, type PageArguments } from "../support/list.ts";
import { describeLastProof, viewNode } from "../../src/facts/node.ts";
import { formatRate } from "../../src/amounts.ts";

interface Arguments extends PageArguments {
  readonly provider: string | undefined;
  readonly live: boolean;
}

const HEAD = [
  "Node",
  "State",
  "Hardware",
  "Free",
  "Proven hashes/s",
  "Last proof",
  "Price a unit",
  "Provider",
] as const;

export default action(async (args: Arguments, context) => {
  const { provider, live } = args;
  const { nodeRegistry, challengeManager } = context.protocol;
  const owner = provider === undefined ? undefined : await parseAccount(context, provider);
  const [count, now, epoch] = await Promise.all([
    nodeRegistry.nodeCount(),
    nowOf(context),
    challengeManager.currentEpoch(),
  ]);
  const isWanted = async (id: bigint): Promise<boolean> => {
    const [of, isLive] = await Promise.all([nodeRegistry.providerOf(id), nodeRegistry.isLive(id)]);
    return (owner === undefined || of === owner) && (!live || isLive);
  };
  const { items, data, rows, more } = await listPage(
    { ...args, json: context.options.json },
    {
      noun: "node",
      command: `node list${given({ provider, live })}`,
      count,
      isWanted: owner === undefined && !live ? undefined : isWanted,
      view: async (id) => viewNode(context, id, now),
    },
  );
  const lines = items.map((node) => [
    node.nodeId.toString(),
    node.state,
    `${node.units.toString()} of ${node.model}`,
    (node.units - node.unitsInUse).toString(),
    node.provenRate === 0n ? "none" : node.provenRate.toString(),
    describeLastProof(node, epoch),
    formatRate(node.ratePerUnit, context.token.decimals),
    node.provider,
  ]);
  const isEmpty = items.length === 0;
  return {
    data: { ...data, epoch, nodes: items },
    rows: [...rows, ...(isEmpty ? [["Nodes", "none"] as const] : [])],
    table: isEmpty ? [] : [HEAD, ...lines],
    next: isEmpty
      ? "declare one: `node register --help`."
      : `${more}\`node show ${items.at(-1)?.nodeId.toString() ?? ""}\`.`,
  };
});
