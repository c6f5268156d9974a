import { Wallet, type TransactionReceipt } from "ethers";

import { validatorAt, type Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { short, tokens, whole } from "../words.ts";
import type { World } from "../world.ts";
import { depositStake } from "./staking.ts";
import { formatRate, formatTime } from "../../../src/amounts.ts";
import { documentTitles, evaluationNumberOf } from "../../../src/collateral/documents.ts";
import { evidenceFor } from "../../../src/collateral/evidence.ts";
import { planSubmissions } from "../../../src/collateral/plan.ts";
import { familyOfCollateral } from "../../../src/collateral/source.ts";
import { isUsable, statusOf } from "../../../src/collateral/status.ts";
import { onChainQuoteHash } from "../../../src/dcap/index.ts";
import { enumName } from "../../../src/enums.ts";
import { tcbStatusName, verifyQuote, type Hex } from "../../../src/sgx/index.ts";
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

/** A validator brings Intel's documents onto the chain, unless those that are there hold; here they are the simulator's. */
async function submitCollateral(world: World, { collateral }: Quoted, { say }: Narrator): Promise<void> {
  const { actors, protocol, sender, clock } = world;
  const store = protocol.collateralStore;
  const now = await clock.now();
  const status = await statusOf({ store }, familyOfCollateral(collateral), evaluationNumberOf(collateral), now);
  if (isUsable(status, now)) return;
  const validator = validatorAt(actors, 1);
  const missing = await planSubmissions(store, collateral, now);
  let gas = 0n;
  for (const { document, tx } of missing) {
    const receipt = await sender.send(`collateral: ${documentTitles[document]}`, validator, Promise.resolve(tx));
    gas += receipt.gasUsed;
  }
  if (missing.length === 0) return;
  say(
    `${validator.name} brings ${String(missing.length)} documents that Intel would sign: here the SGX simulator did`,
    {
      gas,
    },
  );
}

/** Looks at the quote as the chain will, and packs it for the chain. */
async function prepare(world: World, quoted: Quoted, { tell }: Narrator) {
  const { protocol, book, clock } = world;
  const { quote, collateral, root, reportData } = quoted;
  const time = await clock.now();
  tell("the quote is verified off chain first");
  const report = verifyQuote({ quote, collateral, root, time, expectedReportData: reportData });
  const place = { store: protocol.collateralStore, verifier: protocol.dcapVerifier, fromBlock: book.fromBlock };
  return { report, ...(await evidenceFor(place, quote, time)) };
}

async function checkAttested(
  { protocol }: World,
  receipt: TransactionReceipt,
  nodeId: bigint,
  enclave: Wallet,
  { quote }: Quoted,
) {
  const attested = eventOf(receipt, protocol.nodeRegistry, "NodeAttested");
  mustEqual(
    "The quote hash on the chain",
    String(attested.args.getValue("quoteHash")),
    onChainQuoteHash(quote) as string,
  );
  const { enclaveKey } = await protocol.nodeRegistry.getNode(nodeId);
  mustEqual("The enclave key on the chain", enclaveKey, enclave.address);
  const [, kind] = await protocol.nodeRegistry.verifierOf(nodeId);
  mustEqual<string>("How it was verified", enumName("VerifierKind", kind), "OnChain");
  must(`node ${nodeId.toString()} is live`, await protocol.nodeRegistry.isLive(nodeId));
  return numberIn(attested, "validUntil");
}

/** A provider declares a node, and has the chain itself verify its quote. */
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
  await submitCollateral(world, quoted, narrator);
  const { report, evidence, kind } = await prepare(world, quoted, narrator);
  const { mrEnclave, tcbStatus } = report.attestation;
  const size = `${whole(quoted.quote.length)} bytes`;
  say(`the enclave (simulated) makes key ${short(enclave.address)} and a DCAP quote bound to it, ${size}`);
  const args = [nodeId, book.contracts.dcapVerifier, enclave.address, quoted.binding.blockNumber, evidence] as const;
  const tx = protocol.nodeRegistry.attest.populateTransaction(...args);
  const receipt = await sender.send(`node attest on chain, ${kind}`, owner, tx);
  const validUntil = await checkAttested(world, receipt, nodeId, enclave, quoted);
  const checks = `${String(report.checks.length)} checks, ${tcbStatusName(tcbStatus)}`;
  say(
    `the chain itself verifies the quote under the simulator's root (${checks}); elsewhere only Intel's root counts`,
    {
      gas: receipt.gasUsed,
    },
  );
  const time = await clock.stamp();
  say(`node ${nodeId.toString()} is attested and live until ${formatTime(validUntil).slice(0, 10)}`, time);
  return { nodeId, owner, enclave, mrEnclave };
}
