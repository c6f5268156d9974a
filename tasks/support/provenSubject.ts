import { ZeroAddress } from "ethers";

import type { PlatformContext } from "./context.ts";
import { readDocument } from "./inputs.ts";
import { checkPlace } from "./place.ts";
import { proofNetworkOf } from "./proofNetwork.ts";
import type { DatasetIdentity } from "../../src/data/readers.ts";
import { InputError } from "../../src/inputError.ts";
import type { ViewSource } from "../../src/view/collect.ts";
import { trustForm, type Trust } from "../../src/view/forms.ts";
import { firstBelief } from "../../src/view/signedViews.ts";
import { provenSubject, type NamedGrant, type ProvenSubject } from "../../src/view/subject.ts";

/** What an owner's commands prove the chain by. */
export interface ShownBy {
  /** The file that says what the owner believes of the chain. */
  readonly trust: string;
  /** The validators that are asked. */
  readonly sources: readonly ViewSource[];
}

/**
 * A dataset, and the nonce of its grant to a node, in the newest block that validators have signed; refused where the network has shown another dataset.
 *
 * @param told The dataset as the network has shown it.
 * @throws {InputError | ViewError} For a trust of another place, and for what is not proven.
 */
export async function provenBy(
  { trust: file, sources }: ShownBy,
  context: PlatformContext,
  { datasetId, nodeId }: Pick<NamedGrant, "datasetId" | "nodeId">,
  told: DatasetIdentity,
): Promise<{ readonly trust: Trust; readonly subject: ProvenSubject }> {
  const { dataGrants: grants, nodeRegistry } = context.book.contracts;
  const trust = readDocument(file, trustForm, "what a program is to know of the chain");
  checkPlace(
    context,
    { chainId: Number(trust.chainId) },
    { named: trust.contracts.nodeRegistry, expected: nodeRegistry },
  );
  const parts = { network: proofNetworkOf(context.provider), sources, trust, belief: firstBelief(trust) };
  const subject = await provenSubject(parts, { grants, datasetId, nodeId });
  requireProven(datasetId, told, subject);
  return { trust, subject };
}

/** Refuses a dataset that the network shows otherwise than the block has it which validators have signed. */
function requireProven(datasetId: bigint, told: DatasetIdentity, proven: DatasetIdentity): void {
  if (proven.owner === told.owner && proven.contentHash === told.contentHash) return;
  const name = `dataset ${datasetId.toString()}`;
  if (proven.owner === ZeroAddress) {
    const problem = `The newest block that the validators have signed does not have ${name} yet`;
    throw new InputError(problem, "Wait until they have signed one that has it, and run it again.");
  }
  const shown = ({ owner, contentHash }: DatasetIdentity): string => `the content ${contentHash} of ${owner}`;
  const problem = `By the network ${name} is ${shown(told)}, and in the block that the validators have signed ${shown(proven)}`;
  throw new InputError(problem, "Use another RPC node: this one shows another chain than the validators do.");
}
