import { z } from "zod";

import { readQuote } from "./attest.ts";
import { collateralForQuote, collateralFrom } from "./collateral.ts";
import { LOCAL_CHAIN_ID, nowOf, type PlatformContext } from "./context.ts";
import { parsePublicKey } from "./encryptionKeys.ts";
import type { HeldPolicy, PolicyArguments } from "./enclavePolicy.ts";
import { isFile } from "./inputs.ts";
import { lastAttestation } from "../../src/validator/quotes/attestations.ts";
import { confirmedGateway, type NodeGateway, type NodeGatewayArguments } from "./nodeGateway.ts";
import { besideQuote } from "./quoteFile.ts";
import { familyOfQuote } from "../../src/collateral/family.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { AttestedEnclave, requireFresh, type EnclaveEvidence } from "../../src/data/attestedEnclave.ts";
import { DataError } from "../../src/data/errors.ts";
import { publicKeyForm, type PublicKey } from "../../src/data/keys.ts";
import { quoteDocument, type QuoteDocument } from "../../src/documents/nodes.ts";
import { askJson, GatewayError } from "../../src/gateway/client/request.ts";
import { isQuoteOf } from "../../src/gateway/node/evidence.ts";
import { toJson } from "../../src/json.ts";
import { bytesOfDigits, utf8 } from "../../src/sgx/bytes.ts";
import { collateralIn, INTEL_ROOT_KEY, type Collateral, type Hex } from "../../src/sgx/index.ts";

/** The options that say what shows a node's enclave, and which code may get what is sealed to it. */
export interface EvidenceArguments extends PolicyArguments {
  readonly publicKey?: string | undefined;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

/** See {@link EvidenceArguments}; with where the node's gateway is, which is asked for the rest. */
export type SealingArguments = EvidenceArguments & NodeGatewayArguments;

/** Finds the gateway that is asked for what no option names. */
type Ask = () => Promise<NodeGateway>;

const isLocal = ({ chainId }: PlatformContext): boolean => chainId === LOCAL_CHAIN_ID;

async function quoteOf({ quote }: EvidenceArguments, context: PlatformContext, ask: Ask): Promise<QuoteDocument> {
  if (quote !== undefined) return readQuote(context, quote);
  const { origin, fetch } = await ask();
  return askJson(origin, "/v1/node/quote", quoteDocument, { fetch });
}

const keyForm = z.object({ publicKey: publicKeyForm });

async function publicKeyFor({ publicKey, quote }: EvidenceArguments, ask: Ask): Promise<PublicKey> {
  const beside = quote === undefined ? undefined : besideQuote(quote, "public.json");
  const named = publicKey ?? (beside !== undefined && isFile(beside) ? beside : undefined);
  if (named !== undefined) return parsePublicKey(named);
  const { origin, fetch } = await ask();
  return (await askJson(origin, "/v1/node/key", keyForm, { fetch })).publicKey;
}

/** What the gateway hands out; where it keeps none, Intel's own server is asked, which knows nothing of local chains. */
async function handedOut(context: PlatformContext, quote: Uint8Array, { origin, fetch }: NodeGateway) {
  try {
    const answer = await askJson(origin, "/v1/node/collateral", z.unknown(), { fetch });
    return collateralIn(utf8(toJson(answer, 0)));
  } catch (error) {
    if (isLocal(context) || !(error instanceof GatewayError) || error.code !== "quote-not-kept") throw error;
    return collateralFrom(INTEL_PCS, familyOfQuote(quote));
  }
}

/** The collateral: it counts by Intel's signatures, wherever it is from. */
async function collateralOf(
  { collateral, quote: file }: EvidenceArguments,
  context: PlatformContext,
  quote: Uint8Array,
  ask: Ask,
): Promise<Collateral> {
  if (collateral === undefined && file === undefined) return handedOut(context, quote, await ask());
  const beside = file === undefined ? "" : besideQuote(file, "collateral.json");
  const isIntels = collateral === undefined && !isFile(beside) && !isLocal(context);
  return collateralForQuote(quote, isIntels ? INTEL_PCS : collateral, beside);
}

/** Intel's root; on a local chain, where nothing has a price, the one that its simulator stands under. */
async function rootOf(context: PlatformContext): Promise<Hex> {
  if (!isLocal(context)) return INTEL_ROOT_KEY;
  const [x, y] = await context.protocol.collateralStore.rootKey();
  return `${x}${y.slice(2)}` as Hex;
}

/** Unix seconds by which all is judged: this machine's clock, but on local chains, whose own may be moved. */
async function clockOf(context: PlatformContext): Promise<bigint> {
  return isLocal(context) ? nowOf(context) : BigInt(Math.floor(Date.now() / 1000));
}

/** Refuses a quote that is not the one of the node's newest attestation, and one that is too old. */
async function requireNewest(context: PlatformContext, { quote }: EnclaveEvidence, held: HeldPolicy): Promise<void> {
  const { nodeId } = quote;
  const last = await lastAttestation(context, nodeId);
  const { nonce, blockNumber, blockHash } = last.binding;
  const { binding } = quote;
  const isSame = binding.nonce === nonce && binding.blockNumber === blockNumber && binding.blockHash === blockHash;
  if (!isSame || !isQuoteOf(quote.quote, last.quoteHash)) {
    const what = `The quote is not the one of the newest attestation of node ${nodeId.toString()}, whose hash is ${last.quoteHash}`;
    throw new DataError("OTHER_QUOTE", what);
  }
  const [block, newest] = await Promise.all([context.provider.getBlock(Number(blockNumber)), nowOf(context)]);
  requireFresh({ named: BigInt(block?.timestamp ?? 0), newest }, await clockOf(context), held.policy);
}

/**
 * A node's enclave, after its quote was verified here under Intel's root: nothing is sealed to a key because a network or a gateway
 * says that it is an enclave's.
 *
 * @param gateway How the node's gateway is found, which is asked for what the options do not name.
 * @throws {InputError | SgxVerificationError} As {@link AttestedEnclave.verify} and {@link requireFresh} say.
 */
export async function attestedEnclaveBy(
  gateway: Ask,
  args: EvidenceArguments,
  context: PlatformContext,
  { nodeId, held }: { readonly nodeId: bigint; readonly held: HeldPolicy },
): Promise<AttestedEnclave> {
  let found: Promise<NodeGateway> | undefined;
  const ask: Ask = async () => (found ??= gateway());
  const [publicKey, quote] = [await publicKeyFor(args, ask), await quoteOf(args, context, ask)];
  const collateral = await collateralOf(args, context, bytesOfDigits(quote.quote), ask);
  const evidence = { quote, collateral, publicKey };
  const enclave = AttestedEnclave.verify(evidence, {
    ...{ chainId: context.chainId, registry: context.book.contracts.nodeRegistry, nodeId },
    ...{ provider: await context.protocol.nodeRegistry.providerOf(nodeId), root: await rootOf(context) },
    ...{ time: await clockOf(context), policy: held.policy },
  });
  await requireNewest(context, evidence, held);
  return enclave;
}

/** See {@link attestedEnclaveBy}; by the gateway that options or the chain name. */
export async function attestedEnclaveOf(
  args: SealingArguments,
  context: PlatformContext,
  target: { readonly nodeId: bigint; readonly held: HeldPolicy },
): Promise<AttestedEnclave> {
  return attestedEnclaveBy(async () => confirmedGateway(args, context, target.nodeId), args, context, target);
}

/** What is told of an enclave that something was sealed to. */
export function enclaveRows({ mrEnclave, report, node }: AttestedEnclave): [string, string][] {
  return [
    ["Measurement", `${mrEnclave}, by a quote that was verified here`],
    ["Platform", `${node.platformId}, of ${node.provider}; advisories: ${report.advisoryIds.join(", ") || "none"}`],
  ];
}
