import { formatTime } from "../amounts.ts";
import { enumName } from "../enums.ts";

/** What is in the way of something, and what to do about it. */
export interface Obstacle {
  readonly problem: string;
  readonly remedy: string;
}

/** What says whether a node takes orders; times are Unix seconds of the chain's clock. */
export interface Standing {
  /** As `NodeRegistry.orderTermsOf` has it. */
  readonly open: boolean;
  readonly suspendedSince: bigint;
  readonly node: {
    readonly attestations: bigint;
    readonly endedAt: bigint;
    readonly endReason: bigint;
    readonly validUntil: bigint;
    readonly liveFrom: bigint;
    readonly tcbStatus: bigint;
  };
  readonly now: bigint;
}

/** Why a node takes no orders, where its provider can do something about it or nobody can; nothing where it does. */
export function closedNode(nodeId: bigint, { node, open, suspendedSince, now }: Standing): Obstacle | undefined {
  if (open) return undefined;
  const id = nodeId.toString();
  if (node.attestations === 0n) {
    return {
      problem: `Node ${id} was never attested`,
      remedy: `Attest it first: \`node quote ${id}\`, then \`node register --quote node-${id}.quote.json\`.`,
    };
  }
  const renew = `Renew it first: \`node quote ${id}\`, then \`node renew node-${id}.quote.json\`.`;
  if (node.endedAt !== 0n) {
    return {
      problem: `Node ${id} ends on ${formatTime(node.endedAt)} (${enumName("EndReason", node.endReason)}) and takes no orders`,
      remedy: "Offer another node: `node list`.",
    };
  }
  if (suspendedSince !== 0n) {
    return {
      problem: `Node ${id} is suspended since ${formatTime(suspendedSince)}`,
      remedy: `Lift the suspension first: \`node recheck ${id}\`, or \`node quote ${id}\` and \`node renew\`.`,
    };
  }
  if (node.validUntil <= now) {
    return { problem: `Node ${id}'s attestation lapsed on ${formatTime(node.validUntil)}`, remedy: renew };
  }
  if (node.liveFrom > now) {
    return {
      problem: `Node ${id} takes its platform over and goes live on ${formatTime(node.liveFrom)}`,
      remedy: "Sign then.",
    };
  }
  const status = enumName("TcbStatus", node.tcbStatus);
  return {
    problem: `Node ${id} takes no orders: its enclave was removed from the list, or its TCB status ${status} is not accepted`,
    remedy: renew,
  };
}
