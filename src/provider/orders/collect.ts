import { formatAmount, parseAmount } from "../../amounts.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { NodeView, ProviderView } from "../view.ts";

/** What is brought home, of which nodes, and why. */
export interface Collection {
  readonly withdrawal:
    { readonly nodeIds: readonly bigint[]; readonly to: string; readonly reason: string } | undefined;
  readonly release: { readonly nodeIds: readonly bigint[]; readonly reason: string } | undefined;
}

/** Nodes in one transaction. */
const MOST = 100;

function gathered(nodes: readonly NodeView[], amountOf: (node: NodeView) => bigint, above: bigint) {
  const some = nodes.filter((node) => amountOf(node) > 0n).slice(0, MOST);
  const sum = some.reduce((total, node) => total + amountOf(node), 0n);
  return sum > 0n && sum >= above ? { nodeIds: some.map(({ id }) => id), sum } : undefined;
}

/** Which earnings are withdrawn and which idle locks freed, by the thresholds of the configuration. */
export function decideCollection(
  { nodes, decimals }: Pick<ProviderView, "nodes" | "decimals">,
  { withdraw, releaseAbove }: Pick<ProviderConfig["orders"], "withdraw" | "releaseAbove">,
): Collection {
  const amount = (text: string): bigint => parseAmount(text, decimals);
  const earned =
    withdraw === undefined ? undefined : gathered(nodes, ({ earnings }) => earnings, amount(withdraw.above));
  const idle =
    releaseAbove === undefined ? undefined : gathered(nodes, ({ idleLock }) => idleLock, amount(releaseAbove));
  const tell = (sum: bigint): string => `${formatAmount(sum, decimals)} tokens`;
  return {
    withdrawal:
      earned === undefined || withdraw === undefined
        ? undefined
        : { nodeIds: earned.nodeIds, to: withdraw.to, reason: `${tell(earned.sum)} were earned` },
    release: idle === undefined ? undefined : { nodeIds: idle.nodeIds, reason: `${tell(idle.sum)} lie idle` },
  };
}
