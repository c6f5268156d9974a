import type { Obstacle } from "../../../src/facts/closedNode.ts";
import type { NodeView } from "../../../src/facts/node.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import type { StakeView } from "../../../src/facts/stake.ts";
import type { TokenFacts } from "../../../src/token.ts";
import { askableOrigin } from "../node/gatewayUrl.ts";
import { writeAmount, writeDuration, writeTime } from "../parts/format.ts";

/** A provider's node, with what it earns and what it lacks. */
export interface OwnNode {
  readonly view: NodeView;
  /** Why it takes no orders, where it takes none. */
  readonly closed: Obstacle | undefined;
  /** Token base units that its provider can withdraw. */
  readonly earned: bigint;
  /** Token base units of stake that lie idle for its next order. */
  readonly idleLock: bigint;
  /** Orders that are not over. */
  readonly orders: readonly OrderView[];
  /** Epochs of those looked at that others proved and it did not. */
  readonly missed: readonly bigint[];
}

/** Something that costs a provider money, or will; or that somebody waits for. */
export interface Warning {
  /** Which node; left out where it is the account. */
  readonly nodeId?: bigint;
  readonly problem: string;
  readonly remedy: string;
}

/** What is known beside the nodes. */
export interface Surroundings {
  readonly stake: Pick<StakeView, "free" | "modules">;
  readonly token: TokenFacts;
  readonly chainId: bigint;
  /** Unix seconds of the chain's clock. */
  readonly now: bigint;
}

/** Seconds before its end from which an attestation is warned of. */
const SOON = 7n * 86_400n;

function attestationEnds({ view }: OwnNode, now: bigint): Obstacle | undefined {
  const { validUntil, nodeId, state } = view;
  const left = validUntil - now;
  if (state === "ended" || left <= 0n || left > SOON) return undefined;
  const id = nodeId.toString();
  return {
    problem: `Its attestation ends in ${writeDuration(left).text}, on ${writeTime(validUntil).text}.`,
    remedy: `Renew it: \`node quote ${id}\`, then \`node renew node-${id}.quote.json\`.`,
  };
}

/** Said with its own words, so that nothing else need say that it is closed. */
function suspended({ view: { nodeId, suspendedSince, endableAt } }: OwnNode): Obstacle | undefined {
  if (suspendedSince === 0n) return undefined;
  const id = nodeId.toString();
  return {
    problem: `It is suspended, and can be ended from ${writeTime(endableAt).text} on: Intel's lists name its platform as revoked.`,
    remedy: `Update the platform's firmware, then \`node recheck ${id}\`, or \`node quote ${id}\` and \`node renew node-${id}.quote.json\`.`,
  };
}

function missedEpochs({ missed, orders, view }: OwnNode): Obstacle | undefined {
  if (missed.length === 0) return undefined;
  const epochs = missed.map(String).join(", ");
  const paid = orders.some(({ status }) => status === "Active") ? " Its orders pay nothing for that time." : "";
  return {
    problem: `It did not prove ${missed.length === 1 ? "epoch" : "epochs"} ${epochs}, which others proved.${paid}`,
    remedy: `The second miss in a row costs stake. See whether it proves now: \`proof status ${view.nodeId.toString()}\`, \`provider doctor\`.`,
  };
}

function requested({ orders }: OwnNode): Obstacle | undefined {
  const ids = orders.filter(({ status }) => status === "Requested").map(({ orderId }) => orderId.toString());
  if (ids.length === 0) return undefined;
  return {
    problem: `${ids.length === 1 ? `Order ${ids.join()} is` : `Orders ${ids.join(", ")} are`} requested of it.`,
    remedy: "Open the request below, and accept it in time.",
  };
}

function unaskable({ view: { url, state, nodeId } }: OwnNode, chainId: bigint): Obstacle | undefined {
  if (state === "ended" || askableOrigin(url, chainId) !== undefined) return undefined;
  return {
    problem: "No browser can ask its gateway: the URL is not HTTPS.",
    remedy: `Give the gateway a certificate, then change the URL below, or by \`node set ${nodeId.toString()} --url https://…\`.`,
  };
}

/** What another order like the largest that the node serves would lock, beyond what lies idle for it. */
function lockOfAnother({ orders, idleLock }: OwnNode): bigint {
  const most = orders.reduce((largest, { stakeLock }) => (stakeLock > largest ? stakeLock : largest), 0n);
  return most > idleLock ? most - idleLock : 0n;
}

function missingStake(node: OwnNode, { stake, token }: Surroundings): Obstacle | undefined {
  const needed = lockOfAnother(node);
  if (!node.view.open || needed === 0n) return undefined;
  const write = (amount: bigint): string => writeAmount(amount, token.decimals, token.symbol).text;
  if (stake.free < needed) {
    return {
      problem: `Another order like those it serves locks ${write(needed)}, and ${write(stake.free)} of your stake is free.`,
      remedy: `Deposit ${write(needed - stake.free)} below: until then nobody can open one.`,
    };
  }
  const orders = stake.modules.find(({ module }) => module === "orders");
  const allowed = orders === undefined || orders.cap < orders.locked ? 0n : orders.cap - orders.locked;
  if (allowed >= needed) return undefined;
  return {
    problem: `Another order like those it serves locks ${write(needed)}, and you allow orders to lock ${write(allowed)} more.`,
    remedy: "Allow orders more below.",
  };
}

function closed(node: OwnNode): Obstacle | undefined {
  if (node.view.suspendedSince !== 0n || node.closed === undefined) return undefined;
  return { problem: `${node.closed.problem}.`, remedy: node.closed.remedy };
}

/** What a provider should know first, by node; of nodes that have ended there is nothing left to do. */
export function warningsOf(nodes: readonly OwnNode[], surroundings: Surroundings): readonly Warning[] {
  const { now, chainId } = surroundings;
  return nodes
    .filter(({ view }) => view.end > now)
    .flatMap((node) => {
      const found = [
        suspended(node),
        closed(node),
        attestationEnds(node, now),
        requested(node),
        missedEpochs(node),
        missingStake(node, surroundings),
        unaskable(node, chainId),
      ];
      return found.flatMap((each) => (each === undefined ? [] : [{ nodeId: node.view.nodeId, ...each }]));
    });
}

/** Why a node earns nothing now; nothing where it serves an order. */
export function idleReasonOf({ closed: obstacle, orders }: OwnNode): string | undefined {
  if (orders.some(({ status }) => status === "Active")) return undefined;
  if (obstacle !== undefined) return `${obstacle.problem}.`;
  if (orders.some(({ status }) => status === "Requested")) return "A request waits for you to accept it.";
  if (orders.some(({ status }) => status === "Stopped"))
    return "The deposit of its order is used up: its user can top it up.";
  return "It is open, and nobody orders. Look at what its gateway offers, and at the market's prices.";
}
