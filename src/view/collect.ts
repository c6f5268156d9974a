import type { TypedDataDomain } from "ethers";

import { viewDomain } from "../eip712/view.ts";
import { ViewError } from "./errors.ts";
import {
  MAX_VIEWS,
  type Deal,
  type KnownValidator,
  type SignedView,
  type TaskEvidence,
  type Trust,
  type ViewedBlock,
  type ViewSignature,
} from "./forms.ts";
import { showGrants } from "./grantSearch.ts";
import { nodeKeySlot, taskSlots } from "./layout.ts";
import { headerFrom, proveSlots, showWords, validatorsAt, type ProofNetwork } from "./network.ts";
import { signersOf, trueSignatures } from "./signatures.ts";
import { SignedViews, type Belief } from "./signedViews.ts";
import { publishedInOf } from "./task.ts";
import { isQuorumOf, validatorsHash } from "./validatorSet.ts";

/** A block, and who has signed it as one validator knows. */
export interface SignedBlock extends ViewedBlock {
  readonly signatures: readonly ViewSignature[];
}

/** A validator that is asked for views. Nothing that it says is believed without the signatures. */
export interface ViewSource {
  /**
   * The newest block that it knows to be signed by a quorum.
   *
   * @param most The most height; any when left out.
   * @returns Nothing where it has none or gives no answer.
   */
  newest(most: bigint | undefined, signal?: AbortSignal): Promise<SignedBlock | undefined>;
  /** Has it sign the block of a height now; nothing where it does not. */
  sign(number: bigint, signal?: AbortSignal): Promise<SignedBlock | undefined>;
}

/** What evidence is collected with. */
export interface CollectParts {
  readonly network: ProofNetwork;
  readonly sources: readonly ViewSource[];
  readonly trust: Trust;
  /** What the program believes now. */
  readonly belief: Belief;
}

/** What evidence of a task is collected for. */
export interface CollectedTask {
  readonly taskId: bigint;
  readonly deal: Deal;
  /** DataGrants' address, and the task's datasets. */
  readonly grants: string;
  readonly datasetIds: readonly bigint[];
  /** A block at which the task was accepted, and which has enough confirmations for validators to sign it. */
  readonly height: bigint;
}

/**
 * Collects what shows an enclave program that a task was accepted: signed views from validators, proofs from a network.
 *
 * @throws {ViewError} UNDER_SIGNED while too few validators have signed a block that is new enough; and what is wrong with what the network gives.
 */
export async function collectTaskEvidence(
  parts: CollectParts,
  { taskId, deal, grants: address, datasetIds, height }: CollectedTask,
  signal?: AbortSignal,
): Promise<TaskEvidence> {
  const { network, trust } = parts;
  const views = await collectViews(parts, height, signal);
  const number = views.at(-1)?.number ?? parts.belief.newest?.number ?? height;
  const { taskEscrow, nodeRegistry } = trust.contracts;
  const [task, node] = await Promise.all([
    showWords(network, taskEscrow, Object.values(taskSlots(taskId)), number),
    proveSlots(network, nodeRegistry, [nodeKeySlot(deal.nodeId)], number),
  ]);
  const publishedIn = publishedInOf(task.words[0] ?? 0n);
  const asked = { grants: address, nodeId: deal.nodeId, datasetIds, publishedIn };
  const { grants, eras } = await showGrants(network, asked, number);
  return { kind: "task-evidence", chainId: trust.chainId, views, deal, task: task.proof, node, grants, eras };
}

/**
 * Collects the views that lead a program from what it believes to a block of at least a height, over every change of the validators that it
 * cannot skip.
 *
 * @throws {ViewError} As {@link collectTaskEvidence}.
 */
export async function collectViews(parts: CollectParts, height: bigint, signal?: AbortSignal): Promise<SignedView[]> {
  const { trust, belief } = parts;
  const led = new SignedViews(trust, belief);
  const known = belief.newest?.number ?? trust.height;
  const target = await targetOf(parts, height > known ? height : known, signal);
  const views: SignedView[] = [];
  while (views.length < MAX_VIEWS) {
    const isLast = isSigned(target, led.validators, domainOfViews(trust));
    const next = isLast ? target : await stepTo(parts, led, target.number, signal);
    const view = await completed(parts, next, led.validators);
    await led.believe([view]);
    views.push(view);
    if (isLast) return views;
  }
  throw new ViewError(
    "UNDER_SIGNED",
    `Block ${target.number} is more than ${MAX_VIEWS} changes of the validators away`,
  );
}

const domainOfViews = ({ chainId, contracts }: Trust): TypedDataDomain => viewDomain(chainId, contracts.viewJudge);

/** Whether a set's quorum has signed a block. */
function isSigned(block: SignedBlock, set: readonly KnownValidator[], domain: TypedDataDomain): boolean {
  return isQuorumOf(signersOf(set, domain, block), set);
}

/** The newest block of at least a height that the validators of its own state have signed; signed now where there is none yet. */
async function targetOf(parts: CollectParts, height: bigint, signal?: AbortSignal): Promise<SignedBlock> {
  const known = (await ask(parts.sources, async (source) => source.newest(undefined, signal)))
    .filter(({ number }) => number >= height)
    .sort((a, b) => (a.number > b.number ? -1 : 1));
  for (const block of known) if (await isGood(parts, block)) return block;
  for (const block of await ask(parts.sources, async (source) => source.sign(height, signal))) {
    if (block.number === height && (await isGood(parts, block))) return block;
  }
  throw new ViewError("UNDER_SIGNED", `No block from height ${height} on is signed by two thirds of the stake yet`);
}

/** Asks all at once, and puts together what they say of the same block. */
async function ask(
  sources: readonly ViewSource[],
  question: (source: ViewSource) => Promise<SignedBlock | undefined>,
): Promise<SignedBlock[]> {
  const blocks = new Map<string, SignedBlock>();
  for (const answer of await Promise.all(sources.map(question))) {
    if (answer === undefined) continue;
    const key = `${answer.number.toString()} ${answer.blockHash}`;
    const all = [...(blocks.get(key)?.signatures ?? []), ...answer.signatures];
    const signatures = [...new Map(all.map((each) => [`${each.validator} ${each.signature}`, each])).values()];
    blocks.set(key, { ...answer, signatures });
  }
  return [...blocks.values()];
}

/** Whether the validators of a block's own state have signed it, as far as the network proves who they are. */
async function isGood({ network, trust }: CollectParts, block: SignedBlock): Promise<boolean> {
  try {
    const validators = await validatorsAt(
      network,
      trust.contracts.validatorSet,
      block,
      await headerFrom(network, block),
    );
    return isSigned(block, validators.set, domainOfViews(trust));
  } catch (error) {
    if (error instanceof ViewError) return false;
    throw error;
  }
}

/** The last block before a height that the known validators have signed, found by halving the distance. */
async function stepTo(
  { sources, trust }: CollectParts,
  led: SignedViews,
  height: bigint,
  signal?: AbortSignal,
): Promise<SignedBlock> {
  const first = led.newest?.number ?? trust.height;
  let [low, high] = [first, height - 1n];
  let found: SignedBlock | undefined;
  while (low <= high) {
    const middle = (low + high + 1n) / 2n;
    const blocks = await ask(sources, async (source) => source.newest(middle, signal));
    const signed = blocks
      .filter(({ number }) => number >= low && number <= middle)
      .filter((block) => isSigned(block, led.validators, domainOfViews(trust)))
      .sort((a, b) => (a.number > b.number ? -1 : 1))[0];
    if (signed === undefined) high = middle - 1n;
    else [found, low] = [signed, middle + 1n];
  }
  if (found !== undefined && found.number > first) return found;
  const problem = `No validator has a block above ${first} that two thirds of the validators have signed whom the program knows`;
  throw new ViewError("UNDER_SIGNED", problem);
}

/** A view as the program gets it: with the new validators where they have changed. */
async function completed(
  { network, trust }: CollectParts,
  block: SignedBlock,
  known: readonly KnownValidator[],
): Promise<SignedView> {
  const header = await headerFrom(network, block);
  const { proof, set } = await validatorsAt(network, trust.contracts.validatorSet, block, header);
  const signatures = trueSignatures(known, domainOfViews(trust), block);
  const view = { number: block.number, blockHash: block.blockHash, header, signatures };
  return validatorsHash(set) === validatorsHash(known) ? view : { ...view, validators: proof };
}
