import type { TransactionResponse } from "ethers";

import type { NodeRegistry } from "../bindings.ts";
import { packRecheck, type RecheckFacts } from "../dcap/evidence.ts";
import { leafKeyOf, leafTail, readLeaf } from "../dcap/leaf.ts";
import { leafKeyOfKnown, readEvidence, serialOfKnown, type ReadEvidence } from "../dcap/readEvidence.ts";
import { InputError } from "../inputError.ts";
import { concatBytes, toHex, type Hex } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { contentsOnChain } from "./contents.ts";
import type { VerifierPlace } from "./evidence.ts";
import type { PlatformFamily } from "./family.ts";

/** The evidence of an `attest` of the registry; nothing for any other call. */
function evidenceIn(registry: NodeRegistry, transaction: TransactionResponse | null): ReadEvidence | undefined {
  const call = transaction === null ? null : registry.interface.parseTransaction(transaction);
  if (call?.name !== "attest") return undefined;
  try {
    return readEvidence(call.args.getValue("evidence") as Hex);
  } catch {
    // Evidence of another verifier.
    return undefined;
  }
}

/** The 148 bytes of `Known` from a PCK certificate, with the CA generation under which the chain keeps it. */
async function knownOf({ verifier }: VerifierPlace, der: Uint8Array, generation: number): Promise<Uint8Array> {
  const leaf = readLeaf(der);
  for (let tried = generation; tried > 0; tried--) {
    const { keyTag } = await verifier.leafOf(leafKeyOf(leaf, tried));
    if (!/^0x0*$/.test(keyTag)) return concatBytes(leaf.identity, leafTail(leaf, tried));
  }
  return concatBytes(leaf.identity, leafTail(leaf, generation));
}

interface Attempt {
  readonly place: VerifierPlace;
  readonly registry: NodeRegistry;
}

/** The transactions that may hold whole evidence about a leaf: those in which the verifier first saw it. */
async function firstSight({ place, registry }: Attempt, leafKey: Hex): Promise<readonly ReadEvidence[]> {
  const events = await place.verifier.queryFilter(place.verifier.filters.PckStored(leafKey), place.fromBlock);
  const transactions = await Promise.all(events.map(async (event) => event.getTransaction()));
  return transactions.map((each) => evidenceIn(registry, each)).filter((each) => each !== undefined);
}

/** A platform family by the 46 bytes that follow a leaf's identity. */
function familyOfTail(known: Uint8Array): PlatformFamily {
  const tail = known.subarray(102);
  return {
    ca: tail[12] === 0 ? "platform" : "processor",
    fmspc: toHex(tail.subarray(0, 6)),
    pceId: toHex(tail.subarray(6, 8)),
  };
}

function nothingToSay(nodeId: bigint): never {
  throw new InputError(
    `The chain's history does not show what node ${nodeId.toString()} was attested by`,
    "It may have been attested by a quorum, or the network's node does not keep the whole history: ask one that does.",
  );
}

/** What the last attestation of a node rests on, read from the calldata that brought it and, where that was short, from earlier. */
async function factsOf(attempt: Attempt, nodeId: bigint): Promise<RecheckFacts> {
  const { place, registry } = attempt;
  const events = await registry.queryFilter(registry.filters.NodeAttested(nodeId), place.fromBlock);
  const sent = await Promise.all(events.map(async (event) => event.getTransaction()));
  const read = sent.map((each) => evidenceIn(registry, each));
  const last = read.at(-1) ?? nothingToSay(nodeId);
  const earlier = read.filter((each) => each !== undefined).reverse();
  const seen = last.leaf.kind === 0 ? await firstSight(attempt, last.leaf.leafKey) : [];
  const whole = [last, ...earlier, ...seen].find(
    ({ qeFacts, keyTag }) => qeFacts !== undefined && keyTag === last.keyTag,
  );
  if (whole?.qeFacts === undefined) return nothingToSay(nodeId);
  const leaf = await wholeLeafOf(place, last, [...earlier, ...seen]);
  const { evaluationNumber, attestationKey } = last;
  const known = leaf ?? nothingToSay(nodeId);
  return { evaluationNumber, attestationKey, qeFacts: whole.qeFacts, serial: serialOfKnown(known), leaf: known };
}

/** The 148 bytes about the leaf of the last attestation. */
async function wholeLeafOf(
  place: VerifierPlace,
  last: ReadEvidence,
  others: readonly ReadEvidence[],
): Promise<Uint8Array | undefined> {
  const wanted = last.leaf.kind === 0 ? last.leaf.leafKey : undefined;
  for (const { leaf } of [last, ...others]) {
    if (leaf.kind === 0) continue;
    const known = leaf.kind === 1 ? leaf.bytes : await knownOf(place, leaf.der, await generationOf(place, leaf.der));
    if (wanted === undefined || leafKeyOfKnown(known) === wanted) return known;
  }
  return undefined;
}

async function generationOf({ store }: VerifierPlace, der: Uint8Array): Promise<number> {
  const { ca, fmspc, pceId } = readLeaf(der);
  return Number((await store.collateralOf(ca, fmspc, pceId, 0)).caGeneration);
}

/** What a node's last attestation rests on. */
export interface NodeFacts {
  readonly facts: RecheckFacts;
  readonly family: PlatformFamily;
}

/**
 * Reads what a node's last attestation rests on from the calldata of the transactions that attested it.
 *
 * @throws {InputError} When it was not attested on chain, or the history is not to be had.
 */
export async function recheckFactsFor(
  place: VerifierPlace,
  registry: NodeRegistry,
  nodeId: bigint,
): Promise<NodeFacts> {
  const facts = await factsOf({ place, registry }, nodeId);
  return { facts, family: familyOfTail(facts.leaf) };
}

/** Evidence to judge a node again, and by which number it will be. */
export interface RecheckEvidence {
  readonly evidence: Hex;
  readonly family: PlatformFamily;
  /** The tcbEvaluationDataNumber by which it is judged: that of the attestation, or the floor where that is higher. */
  readonly number: number;
}

/**
 * Makes the evidence by which anyone can have a node judged anew against the collateral in force. All of it is on chain: in the
 * calldata of the transactions that attested the node and filled the store.
 *
 * @param offered Documents for what the chain's history does not show.
 * @throws {InputError} When the contents of the collateral are found nowhere.
 */
export async function recheckEvidenceFor(
  place: VerifierPlace,
  { facts, family }: NodeFacts,
  offered?: Collateral,
): Promise<RecheckEvidence> {
  const floor = Number(await place.store.evaluationFloor());
  const number = Math.max(facts.evaluationNumber, floor);
  const contents = await contentsOnChain(place, family, number, offered);
  return { evidence: packRecheck(facts, contents), family, number };
}
