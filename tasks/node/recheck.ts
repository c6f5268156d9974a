import { getBytes } from "ethers";

import { action } from "../support/action.ts";
import { readQuote, verifierPlace } from "../support/attest.ts";
import { collateralFrom } from "../support/collateral.ts";
import type { PlatformContext } from "../support/context.ts";
import { eventOf } from "../support/events.ts";
import { parseId, needed } from "../support/inputs.ts";
import { planMissing } from "../support/submit.ts";
import { contextAfterSteps, sentOutcome, transact, type Sent, type Step } from "../support/transact.ts";
import { formatTime } from "../../src/amounts.ts";
import type { DocumentName } from "../../src/collateral/documents.ts";
import { describeFamily, familyOfQuote, type PlatformFamily } from "../../src/collateral/family.ts";
import {
  newestAttestation,
  recheckEvidenceFor,
  recheckFactsFor,
  reviewEvidenceFor,
} from "../../src/collateral/recheck.ts";
import { enumName } from "../../src/enums.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

/** Evidence about a node, what it will be judged by, and what had to be submitted first. */
interface Prepared {
  readonly evidence: string;
  readonly family: PlatformFamily;
  readonly number: number;
  readonly steps: readonly Step[];
  readonly submitted: readonly DocumentName[];
}

/** What of the collateral that was offered the chain lacks, and the platform as it would be with it. */
async function submitOffered(context: PlatformContext, { collateral }: Arguments, family: PlatformFamily) {
  if (collateral === undefined) return { offered: undefined, steps: [], submitted: [], place: verifierPlace(context) };
  const offered = await collateralFrom(collateral, family);
  const { steps, submitted } = await planMissing(context, offered);
  return { offered, steps, submitted, place: verifierPlace(await contextAfterSteps(context, steps)) };
}

/** What a quorum vouched for is judged again by the quote itself, which somebody must have. */
async function prepareReview(context: PlatformContext, args: Arguments): Promise<Prepared> {
  const quote = getBytes(readQuote(context, needed(args.quote, "quote")).quote);
  const family = familyOfQuote(quote);
  const { offered, steps, submitted, place } = await submitOffered(context, args, family);
  return { ...(await reviewEvidenceFor(place, quote, offered)), steps, submitted };
}

/** What the chain itself verified, it can judge again by what it knows of the node. */
async function prepareRecheck(context: PlatformContext, args: Arguments, nodeId: bigint): Promise<Prepared> {
  const facts = await recheckFactsFor(verifierPlace(context), context.protocol.nodeRegistry, nodeId);
  const { offered, steps, submitted, place } = await submitOffered(context, args, facts.family);
  const { evidence, number } = await recheckEvidenceFor(place, facts, offered);
  return { evidence, family: facts.family, number, steps, submitted };
}

/** What the judge said, and what that means for the node. */
interface Verdict {
  readonly standing: string;
  readonly tcbStatus: string;
  readonly suspended: boolean;
  /** From when a recheck can end the node, while it is suspended. */
  readonly endableAt?: bigint;
}

/** The verdict; nothing where the node was not judged. */
async function verdictIn(sent: Sent, nodeId: bigint): Promise<Partial<Verdict>> {
  const { nodeRegistry } = sent.after.protocol;
  const judged = eventOf(sent, nodeRegistry, "NodeRechecked")?.args;
  if (judged === undefined) return {};
  const { since, endableAt } = await nodeRegistry.suspensionOf(nodeId);
  const suspended = since !== 0n;
  return {
    standing: enumName("Standing", judged.getValue("standing") as bigint),
    tcbStatus: enumName("TcbStatus", judged.getValue("tcbStatus") as bigint),
    suspended,
    ...(suspended ? { endableAt } : {}),
  };
}

/** What a suspension means, and what to do about it. */
function suspensionRows(endableAt: bigint | undefined): (readonly [string, string])[] {
  if (endableAt === undefined) return [];
  const meaning = "until a recheck by newer collateral, or a new quote, finds it in order";
  return [["Suspended", `${meaning}; another recheck can end the node from ${formatTime(endableAt)}`]];
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = parseId(args.node, "node");
  const [, kind] = await nodeRegistry.verifierOf(nodeId);
  const isQuorum = enumName("VerifierKind", kind) === "Quorum";
  const { evidence, family, number, steps, submitted } = isQuorum
    ? await prepareReview(context, args)
    : await prepareRecheck(context, args, nodeId);
  const { launch } = await newestAttestation(verifierPlace(context), nodeRegistry, nodeId);
  const tx = () => nodeRegistry.recheck.populateTransaction(nodeId, launch, evidence);
  const sent = await transact(context, [...steps, { title: "Recheck the node", tx }]);
  const verdict = await verdictIn(sent, nodeId);
  return sentOutcome(sent, {
    data: { nodeId, family, number, submitted, ...verdict },
    rows: [
      ["Node", nodeId.toString()],
      ["Judged by", `${describeFamily(family)}, number ${number.toString()}`],
      ["Standing", verdict.standing ?? "not judged"],
      ["TCB status", verdict.tcbStatus ?? "not judged"],
      ...suspensionRows(verdict.endableAt),
    ],
    next: `\`node show ${nodeId.toString()}\`.`,
  });
});
