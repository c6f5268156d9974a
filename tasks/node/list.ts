import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { latestOnly, readLatest } from "../support/list.ts";
import { viewNode } from "./view.ts";
import { formatRate } from "../../src/amounts.ts";

interface Arguments {
  readonly provider: string | undefined;
  readonly live: boolean;
}

export default action(async ({ provider, live }: Arguments, context) => {
  const owner = provider === undefined ? undefined : await parseAccount(context, provider);
  const count = await context.protocol.nodeRegistry.nodeCount();
  const all = await readLatest(count, (id) => viewNode(context, id));
  const nodes = all.filter(
    (node) => (owner === undefined || node.provider === owner) && (!live || node.state === "live"),
  );
  const limit = latestOnly(count);
  return {
    data: { count, ...limit.data, nodes },
    rows: [...limit.rows, ...(nodes.length === 0 ? [["Nodes", "none"] as const] : [])],
    table:
      nodes.length === 0
        ? []
        : [
            ["Node", "State", "Hardware", "Free", "Price a unit", "Provider"],
            ...nodes.map((node) => [
              node.nodeId.toString(),
              node.state,
              `${node.units.toString()} of ${node.model}`,
              (node.units - node.unitsInUse).toString(),
              formatRate(node.ratePerUnit, context.token.decimals),
              node.provider,
            ]),
          ],
    next:
      nodes.length === 0
        ? "declare one: `node register --help`."
        : `\`node show ${nodes.at(-1)?.nodeId.toString() ?? ""}\`.`,
  };
});
