import { AbiCoder, getBytes } from "ethers";

import { action } from "../support/action.ts";
import { readQuote, verifierPlace } from "../support/attest.ts";
import { collateralFrom } from "../support/collateral.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId, needed } from "../support/inputs.ts";
import { submitMissing } from "../support/submit.ts";
import { joinSent, sentOutcome, transact } from "../support/transact.ts";
import { contentsOnChain } from "../../src/collateral/contents.ts";
import { describeFamily, familyOfQuote, type PlatformFamily } from "../../src/collateral/family.ts";
import { recheckEvidenceFor, recheckFactsFor } from "../../src/collateral/recheck.ts";
import { encodeReview } from "../../src/dcap/index.ts";
import { enumName } from "../../src/enums.ts";
import type { Collateral } from "../../src/sgx/index.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

/** Evidence about a node, and by what it will be judged. */
interface Prepared {
  readonly evidence: string;
  readonly family: PlatformFamily;
  readonly number: number;
}

/** A quorum's word does not hold the quote, so somebody must have it; nor by which number it was judged, so the floor counts. */
async function reviewOf(context: PlatformContext, quoteFile: string, offered?: Collateral): Promise<Prepared> {
  const quote = getBytes(readQuote(context, quoteFile).quote);
  const family = familyOfQuote(quote);
  const place = verifierPlace(context);
  const number = Number(await place.store.evaluationFloor());
  const collateral = await contentsOnChain(place, family, number, offered);
  const review = encodeReview({ quote, collateral });
  return { evidence: AbiCoder.defaultAbiCoder().encode(["bytes", "bytes"], [quote, review]), family, number };
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = parseId(args.node, "node");
  const [, kind] = await nodeRegistry.verifierOf(nodeId);
  const isQuorum = enumName("VerifierKind", kind) === "Quorum";
  const place = verifierPlace(context);
  const facts = isQuorum ? undefined : await recheckFactsFor(place, nodeRegistry, nodeId);
  const family = facts?.family ?? familyOfQuote(getBytes(readQuote(context, needed(args.quote, "quote")).quote));
  const offered = args.collateral === undefined ? undefined : await collateralFrom(args.collateral, family);
  const before = offered === undefined ? undefined : await submitMissing(context, offered);
  const prepared =
    facts === undefined
      ? await reviewOf(context, needed(args.quote, "quote"), offered)
      : await recheckEvidenceFor(place, facts, offered);
  const tx = nodeRegistry.recheck.populateTransaction(nodeId, prepared.evidence);
  const rechecked = await transact(context, [{ title: "Recheck the node", tx }]);
  const sent = before === undefined ? rechecked : joinSent(before.sent, rechecked);
  const judged = sent.events(nodeRegistry.interface).find((event) => event.name === "NodeRechecked")?.args;
  const verdict =
    judged === undefined
      ? {}
      : {
          standing: enumName("Standing", judged.getValue("standing") as bigint),
          tcbStatus: enumName("TcbStatus", judged.getValue("tcbStatus") as bigint),
        };
  return sentOutcome(sent, {
    data: { nodeId, family, number: prepared.number, submitted: before?.submitted ?? [], ...verdict },
    rows: [
      ["Node", nodeId.toString()],
      ["Judged by", `${describeFamily(family)}, number ${prepared.number.toString()}`],
      ["Standing", verdict.standing ?? "not judged"],
      ["TCB status", verdict.tcbStatus ?? "not judged"],
    ],
    next: `\`node show ${nodeId.toString()}\`.`,
  });
});
