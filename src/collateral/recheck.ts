import { AbiCoder } from "ethers";

import type { NodeRegistry } from "../bindings.ts";
import { newestEvent } from "../chain/history.ts";
import type { History } from "../chain/logScan.ts";
import { encodeReview, packRecheck, type RecheckFacts } from "../dcap/evidence.ts";
import { keyTagOfFacts, subjectOf } from "../dcap/leaf.ts";
import { InputError } from "../inputError.ts";
import { bytesOfDigits, keccak256, toHex, type Hex } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { contentsOnChain } from "./contents.ts";
import type { VerifierPlace } from "./evidence.ts";
import { familyOfQuote, type PlatformFamily } from "./family.ts";
import { generationOfQuote } from "./issuers.ts";
import type { ChainPlace } from "./place.ts";

/** A platform family by what the verifier's event has of a leaf: the 46 bytes that follow the leaf's identity. */
export function familyOfKnownLeaf(known: Uint8Array): PlatformFamily {
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

/** What the registry keeps of an attestation's subject: `Node.tag`. */
function tagOf(mrEnclave: string, platformId: string, subject: Hex, launch: string): string {
  const types = ["bytes32", "bytes32", "bytes32", "bytes20"];
  const fields = AbiCoder.defaultAbiCoder().encode(types, [mrEnclave, platformId, subject, launch]);
  return keccak256(bytesOfDigits(fields)).slice(0, 34);
}

/** What an event of the verifier says that it judged of a platform. */
function judgedBy(args: Record<"key" | "leaf" | "quoting", string> & { readonly evaluationNumber: bigint }) {
  const quoting = bytesOfDigits(args.quoting);
  const [attestationKey, qeFacts] = [quoting.subarray(0, 64), quoting.subarray(64)];
  const evaluationNumber = Number(args.evaluationNumber);
  const subject = subjectOf(args.key as Hex, keyTagOfFacts(attestationKey, qeFacts), evaluationNumber);
  const facts: RecheckFacts = { evaluationNumber, attestationKey, qeFacts, leaf: bytesOfDigits(args.leaf) };
  return { subject, facts };
}

/** What a node's last attestation rests on. */
export interface NodeFacts {
  readonly facts: RecheckFacts;
  readonly family: PlatformFamily;
  /** How its enclave was launched, which the registry asks for. */
  readonly launch: string;
}

/**
 * What a node's newest attestation says of its platform and of its enclave's launch, by the registry's events.
 *
 * @throws {InputError} When there is none, or the history is not to be had.
 */
export async function newestAttestation(
  history: History,
  registry: NodeRegistry,
  nodeId: bigint,
): Promise<{ readonly platformId: string; readonly launch: string }> {
  const attested = await newestEvent(history, registry, registry.filters.NodeAttested(nodeId));
  return attested?.args ?? nothingToSay(nodeId);
}

/**
 * Reads what a node's last attestation rests on from the verifier's events.
 *
 * @throws {InputError} When it was not attested on chain, or the history is not to be had.
 */
export async function recheckFactsFor(
  place: VerifierPlace,
  registry: NodeRegistry,
  nodeId: bigint,
): Promise<NodeFacts> {
  const { mrEnclave, tag } = await registry.getNode(nodeId);
  const { platformId, launch } = await newestAttestation(place, registry, nodeId);
  const { verifier } = place;
  // It emits an event each time that it stores what later attestations rest on, whoever called it.
  const judged = await newestEvent(
    place,
    verifier,
    verifier.filters.PckJudged(undefined, platformId),
    ({ args }) => tagOf(mrEnclave, platformId, judgedBy(args).subject, launch) === tag,
  );
  const { facts } = judged === undefined ? nothingToSay(nodeId) : judgedBy(judged.args);
  return { facts, family: familyOfKnownLeaf(facts.leaf), launch };
}

/** Evidence to judge a node again, and by which number it will be. */
export interface RecheckEvidence {
  readonly evidence: Hex;
  readonly family: PlatformFamily;
  /** The tcbEvaluationDataNumber by which it is judged: that of the attestation, or the floor where that is higher. */
  readonly number: number;
}

/**
 * Makes the evidence by which anyone can have a node judged again against the collateral in force. All of it is on chain: in the
 * verifier's events, and in the events and transactions that filled the store.
 *
 * @param offered Documents for what the chain's history does not show.
 * @throws {InputError} When the contents of the collateral are found nowhere.
 */
export async function recheckEvidenceFor(
  place: VerifierPlace,
  { facts, family }: Pick<NodeFacts, "facts" | "family">,
  offered?: Collateral,
): Promise<RecheckEvidence> {
  const floor = Number(await place.store.evaluationFloor());
  const number = Math.max(facts.evaluationNumber, floor);
  // Behind PCK key, serial number, SVNs, family, PCE id, end and CA.
  const generation = facts.leaf[115] ?? 0;
  const contents = await contentsOnChain(place, family, generation, number, offered);
  return { evidence: packRecheck(facts, contents), family, number };
}

/**
 * Makes the evidence by which anyone who has the quote can have a node judged again that a quorum vouched for. The quorum's signatures do not say
 * by which number it was judged, so the floor counts.
 *
 * @param offered Documents for what the chain's history does not show.
 * @throws {InputError} When the contents of the collateral are found nowhere.
 * @throws {SgxVerificationError} For a quote that cannot be read.
 */
export async function reviewEvidenceFor(
  place: ChainPlace,
  quote: Uint8Array,
  offered?: Collateral,
): Promise<RecheckEvidence> {
  const family = familyOfQuote(quote);
  const number = Number(await place.store.evaluationFloor());
  const generation = await generationOfQuote(place.store, quote);
  const collateral = await contentsOnChain(place, family, generation, number, offered);
  const review = encodeReview({ quote, collateral });
  const evidence = AbiCoder.defaultAbiCoder().encode(["bytes", "bytes"], [quote, review]) as Hex;
  return { evidence, family, number };
}
