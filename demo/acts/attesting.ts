import { Wallet, type ContractTransaction, type TransactionReceipt } from "ethers";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { short, tokens, whole } from "../words.ts";
import type { World } from "../world.ts";
import { depositStake } from "./staking.ts";
import type { SimulatedIntel } from "./supplying.ts";
import { formatRate, formatTime } from "../../src/amounts.ts";
import { evidenceFor, type ChosenEvidence } from "../../src/collateral/evidence.ts";
import { onChainQuoteHash } from "../../src/dcap/index.ts";
import { declarationTermsOf } from "../../src/declaration.ts";
import { enumName } from "../../src/enums.ts";
import type { Hex } from "../../src/sgx/index.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";
import type { QuoteOptions } from "../../src/sgx/simulator/options.ts";
import type { SimulatedPlatform } from "../../src/sgx/simulator/platform.ts";

/** A node, and the key born in its enclave. */
export interface KeyedNode {
  readonly nodeId: bigint;
  readonly owner: Actor;
  readonly enclave: { readonly address: string };
}

/** A node with the machine that it is. */
export interface NodeMachine extends KeyedNode {
  readonly platform: SimulatedPlatform;
  readonly enclave: Wallet;
  readonly mrEnclave: Hex;
}

/** What a provider declares. */
export interface Declaration {
  readonly stake: bigint;
  readonly units: bigint;
  readonly ratePerUnit: bigint;
  readonly url: string;
}

/** What binds a quote to one registration. */
export interface Binding {
  readonly nonce: bigint;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** A quote for one registration. */
export interface Quoted {
  readonly binding: Binding;
  readonly reportData: Hex;
  readonly quote: Uint8Array;
}

/** How the chain verified a quote itself. */
export interface Verified {
  readonly kind: ChosenEvidence["kind"];
  /** Bytes of the evidence. */
  readonly size: number;
  readonly gas: bigint;
}

const MODEL_ID = 1n;

/** What attesting again must stay below, in gas. */
const RENEWAL_LIMIT = 80_000n;

/** A provider stakes, allows an escrow to lock of it, and declares a node. Returns the node's id. */
export async function listNode(
  world: World,
  owner: Actor,
  escrow: string,
  declaration: Declaration,
  { say }: Narrator,
): Promise<bigint> {
  const { protocol, book, sender, token } = world;
  const { stake, units, ratePerUnit, url } = declaration;
  await depositStake(world, owner, stake, [
    [book.contracts.nodeRegistry, stake],
    [escrow, stake],
  ]);
  const { requiredRate, stake: maxStake } = await declarationTermsOf(protocol, MODEL_ID, units);
  const tx = protocol.nodeRegistry.declare.populateTransaction(
    ...([MODEL_ID, units, ratePerUnit, requiredRate, maxStake, url] as const),
  );
  const receipt = await sender.send("node declare", owner, tx);
  const declared = eventOf(receipt, protocol.nodeRegistry, "NodeDeclared");
  const nodeId = numberIn(declared, "nodeId");
  const locked = tokens(numberIn(declared, "stake"), token.decimals);
  say(
    `the ${owner.name} stakes ${tokens(stake, token.decimals)} ${token.symbol}; node ${nodeId.toString()} locks ${locked} of it`,
  );
  const price = `${formatRate(ratePerUnit, token.decimals)} ${token.symbol}`;
  const power = `target set for ${whole(numberIn(declared, "requiredRate"))} hashes/s`;
  say(`node ${nodeId.toString()}: ${units.toString()} units at ${price} each, ${power}`, { gas: receipt.gasUsed });
  return nodeId;
}

/** A provider stakes and declares a node for orders; its enclave makes its key. */
export async function declareNode(
  world: World,
  { simulator }: SimulatedIntel,
  owner: Actor,
  declaration: Declaration,
  narrator: Narrator,
): Promise<NodeMachine> {
  return {
    nodeId: await listNode(world, owner, world.book.contracts.orderEscrow, declaration, narrator),
    owner,
    platform: simulator.platform({ name: `machine of the ${owner.name}` }),
    enclave: new Wallet(Wallet.createRandom().privateKey),
    mrEnclave: simulatedEnclave().mrEnclave,
  };
}

/** Makes sure that there is a block recent enough for a quote to name. */
export async function freshen({ protocol, sender }: World, by: Actor): Promise<void> {
  const { nodeRegistry } = protocol;
  if ((await nodeRegistry.oldestBlock()) !== 0n) return;
  await sender.send("checkpoint", by, nodeRegistry.checkpoint.populateTransaction());
}

/** What a quote of a node has to be bound to now. */
export async function bindingOf({ protocol, provider }: World, nodeId: bigint): Promise<Binding> {
  const [nonce, block] = await Promise.all([protocol.nodeRegistry.nonceOf(nodeId), provider.getBlock("latest")]);
  if (block?.hash === undefined || block.hash === null) throw new Unmet("The chain has no blocks");
  return { nonce, blockNumber: BigInt(block.number), blockHash: block.hash };
}

/** What the enclave says of itself for its node's next attestation. */
export async function quoteOf(
  world: World,
  { nodeId, owner, enclave, platform }: NodeMachine,
  options: Omit<QuoteOptions, "reportData"> = {},
): Promise<Quoted> {
  const { nodeRegistry } = world.protocol;
  const binding = await bindingOf(world, nodeId);
  const reportData = (await nodeRegistry.reportDataOf(owner.signer.address, enclave.address, binding)) as Hex;
  return { binding, reportData, quote: platform.quote({ ...options, reportData }) };
}

/** The registry's call for attesting a node. */
export async function attestCall(
  { protocol }: World,
  { nodeId, enclave }: KeyedNode,
  { binding }: Quoted,
  verifier: string,
  evidence: string,
): Promise<ContractTransaction> {
  const args = [nodeId, verifier, enclave.address, binding.blockNumber, evidence] as const;
  return protocol.nodeRegistry.attest.populateTransaction(...args);
}

/** Makes sure that a node was attested by a quote and is live. Returns until when, in Unix seconds. */
export async function checkAttested(
  { protocol }: World,
  receipt: TransactionReceipt,
  { nodeId, enclave }: KeyedNode,
  quoteHash: Hex,
  kind: "Quorum" | "OnChain",
): Promise<bigint> {
  const attested = eventOf(receipt, protocol.nodeRegistry, "NodeAttested");
  mustEqual<string>("The quote hash on the chain", String(attested.args.getValue("quoteHash")), quoteHash);
  const [{ enclaveKey }, [, verifiedBy]] = await Promise.all([
    protocol.nodeRegistry.getNode(nodeId),
    protocol.nodeRegistry.verifierOf(nodeId),
  ]);
  mustEqual("The enclave key on the chain", enclaveKey, enclave.address);
  mustEqual<string>("Who verified the quote", enumName("VerifierKind", verifiedBy), kind);
  must(`node ${nodeId.toString()} is live`, await protocol.nodeRegistry.isLive(nodeId));
  return numberIn(attested, "validUntil");
}

/** Has the chain verify a quote, by the cheapest evidence that will do, which must be of one kind. */
export async function verifyOnChain(
  world: World,
  node: KeyedNode,
  quoted: Quoted,
  kind: Verified["kind"],
): Promise<{ verified: Verified; until: string }> {
  const { protocol, book, sender, clock } = world;
  const place = { store: protocol.collateralStore, verifier: protocol.dcapVerifier, fromBlock: book.fromBlock };
  const { evidence, kind: chosen } = await evidenceFor(place, quoted.quote, await clock.now());
  mustEqual<string>("The kind of the evidence", chosen, kind);
  const call = attestCall(world, node, quoted, book.contracts.dcapVerifier, evidence);
  const receipt = await sender.send(`node attest, ${kind}`, node.owner, call);
  const validUntil = await checkAttested(world, receipt, node, onChainQuoteHash(quoted.quote), "OnChain");
  const until = formatTime(validUntil).slice(0, 10);
  const verified: Verified = { kind, size: evidence.length / 2 - 1, gas: receipt.gasUsed };
  return { verified, until };
}

/** A node is attested by its quote, which the chain verifies itself, from the root to the report. */
export async function attestOnChain(world: World, node: NodeMachine, { say, tell }: Narrator): Promise<Verified> {
  tell("the chain verifies a quote");
  const quoted = await quoteOf(world, node);
  const { verified, until } = await verifyOnChain(world, node, quoted, "New");
  const size = whole(quoted.quote.length);
  say(`the enclave (simulated) makes key ${short(node.enclave.address)} and a DCAP quote bound to it, ${size} bytes`);
  say("the chain verifies it all: certificate, QE, quote, TCB, nothing revoked", {
    ...(await world.clock.stamp()),
    gas: verified.gas,
  });
  say(`node ${node.nodeId.toString()} is attested on chain and live until ${until}`);
  return verified;
}

/** A node is attested again by a fresh quote of the platform that the chain knows: one signature is left to check. */
export async function renewOnChain(world: World, node: NodeMachine, { say, tell }: Narrator): Promise<Verified> {
  const { clock } = world;
  tell("the chain verifies a fresh quote");
  await freshen(world, node.owner);
  const { verified, until } = await verifyOnChain(world, node, await quoteOf(world, node), "Cached");
  must(`attesting again takes less than ${whole(RENEWAL_LIMIT)} gas`, verified.gas < RENEWAL_LIMIT);
  const id = node.nodeId.toString();
  say(`a fresh quote of node ${id}, whose platform is known: live until ${until}`, {
    ...(await clock.stamp()),
    gas: verified.gas,
  });
  return verified;
}
