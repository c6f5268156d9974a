import { Wallet, type TransactionReceipt } from "ethers";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { short, tokens, whole } from "../words.ts";
import type { World } from "../world.ts";
import { depositStake } from "./staking.ts";
import { formatRate, formatTime } from "../../../src/amounts.ts";
import { domainOf, encodeVouching, signVouch } from "../../../src/eip712.ts";
import { tcbStatusName, verifyQuote, type Hex, type QuoteReport } from "../../../src/sgx/index.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";

/** An attested node. */
export interface NodeMachine {
  readonly nodeId: bigint;
  readonly owner: Actor;
  /** The key born in its enclave. */
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

const MODEL_ID = 1n;

/** A provider stakes and declares a node. */
async function declareNode(world: World, owner: Actor, declaration: Declaration, { say }: Narrator): Promise<bigint> {
  const { protocol, book, sender, token } = world;
  const { stake, units, ratePerUnit, url } = declaration;
  await depositStake(world, owner, stake, [
    [book.contracts.nodeRegistry, stake],
    [book.contracts.orderEscrow, stake],
  ]);
  const tx = protocol.nodeRegistry.declare.populateTransaction(MODEL_ID, units, ratePerUnit, url);
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

/** What an enclave on a simulated SGX platform says of itself for one registration, and what judges it. */
async function quoteFor({ protocol, provider, clock }: World, nodeId: bigint, owner: Actor, enclaveKey: string) {
  const { nodeRegistry } = protocol;
  const [nonce, block] = await Promise.all([nodeRegistry.nonceOf(nodeId), provider.getBlock("latest")]);
  if (block?.hash === undefined || block.hash === null) throw new Unmet("The chain has no blocks");
  const binding = { nonce, blockNumber: BigInt(block.number), blockHash: block.hash };
  const reportData = (await nodeRegistry.reportDataOf(owner.signer.address, enclaveKey, binding)) as Hex;
  const simulator = createSimulator({ time: await clock.now() });
  const platform = simulator.platform({ name: `machine of the ${owner.name}` });
  return {
    binding,
    reportData,
    quote: platform.quote({ reportData }),
    collateral: platform.collateral(),
    root: simulator.root,
  };
}

type Quoted = Awaited<ReturnType<typeof quoteFor>>;

/** Every validator verifies the quote by itself, and signs what it found. */
async function vouch(world: World, { reportData, quote, collateral, root }: Quoted, { tell }: Narrator) {
  const { actors, book, chainId, clock } = world;
  const domain = domainOf("QuorumVerifier", chainId, book.contracts.quorumVerifier);
  const time = await clock.now();
  const signatures: { validator: string; signature: string }[] = [];
  let report: QuoteReport | undefined;
  for (const { name, signer } of actors.validators) {
    tell(`${name} verifies the quote`);
    report = verifyQuote({ quote, collateral, root, time, expectedReportData: reportData });
    const { attestation, collateralHash } = report;
    const vouched = { consumer: book.contracts.nodeRegistry, reportData, attestation, collateralHash };
    signatures.push({ validator: signer.address, signature: await signVouch(signer, domain, vouched) });
  }
  if (report === undefined) throw new Unmet("There are no validators");
  return { report, evidence: encodeVouching(report, signatures), count: signatures.length };
}

async function checkAttested(
  { protocol }: World,
  receipt: TransactionReceipt,
  nodeId: bigint,
  enclave: Wallet,
  report: QuoteReport,
) {
  const attested = eventOf(receipt, protocol.nodeRegistry, "NodeAttested");
  mustEqual(
    "The quote hash on the chain",
    String(attested.args.getValue("quoteHash")),
    report.attestation.quoteHash as string,
  );
  const { enclaveKey } = await protocol.nodeRegistry.getNode(nodeId);
  mustEqual("The enclave key on the chain", enclaveKey, enclave.address);
  must(`node ${nodeId.toString()} is live`, await protocol.nodeRegistry.isLive(nodeId));
  return numberIn(attested, "validUntil");
}

/** A provider declares a node, and has it attested by the validators' quorum. */
export async function attestNode(
  world: World,
  owner: Actor,
  declaration: Declaration,
  narrator: Narrator,
): Promise<NodeMachine> {
  const { protocol, book, sender, clock } = world;
  const { say } = narrator;
  const nodeId = await declareNode(world, owner, declaration, narrator);
  const enclave = new Wallet(Wallet.createRandom().privateKey);
  const quoted = await quoteFor(world, nodeId, owner, enclave.address);
  const { report, evidence, count } = await vouch(world, quoted, narrator);
  const { quoteHash, mrEnclave, tcbStatus } = report.attestation;
  const checks = `${String(report.checks.length)} checks each, ${tcbStatusName(tcbStatus)}`;
  const size = `${whole(quoted.quote.length)} bytes`;
  say(`the enclave (simulated) makes key ${short(enclave.address)} and a DCAP quote bound to it, ${size}`);
  say(`${String(count)} validators verify the quote (${checks}) and sign its hash ${short(quoteHash)}`);
  const { blockNumber } = quoted.binding;
  const args = [nodeId, book.contracts.quorumVerifier, enclave.address, blockNumber, evidence] as const;
  const receipt = await sender.send(
    "node attest by quorum",
    owner,
    protocol.nodeRegistry.attest.populateTransaction(...args),
  );
  const validUntil = await checkAttested(world, receipt, nodeId, enclave, report);
  const time = await clock.stamp();
  say(`node ${nodeId.toString()} is attested and live until ${formatTime(validUntil).slice(0, 10)}`, {
    ...time,
    gas: receipt.gasUsed,
  });
  return { nodeId, owner, enclave, mrEnclave };
}
