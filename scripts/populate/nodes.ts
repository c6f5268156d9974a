import { Wallet } from "ethers";

import type { ListedModel } from "./catalog.ts";
import type { Intel } from "./collateral.ts";
import { keyOf, roundIn } from "./people.ts";
import type { NodePlan } from "./planNodes.ts";
import { numberIn, type Intent } from "./sender.ts";
import type { World } from "./world.ts";
import { declarationTermsOf } from "../../src/declaration.ts";
import { domainOf, encodeVouching } from "../../src/eip712/index.ts";
import { registrationNonce, reportDataOf } from "../../src/enclave/registration.ts";
import { signVouchOnce } from "../../src/journal/index.ts";
import { verifyQuote, type Hex } from "../../src/sgx/index.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";

/** A node of the market, on the chain. */
export interface MarketNode extends NodePlan {
  readonly nodeId: bigint;
  readonly owner: Wallet;
  readonly modelId: bigint;
  readonly units: number;
  /** Token base units per second with 12 extra decimals. */
  readonly ratePerUnit: bigint;
  /** Hashes a second that it is to prove. */
  readonly requiredRate: bigint;
  /** Its enclave's key; the enclave is simulated. */
  readonly enclave: Wallet;
}

type Declared = Omit<MarketNode, "nodeId">;

/** Price of an hour in hundredths of a token, as the contracts have it. */
const rateOf = (centsAnHour: number, decimals: number): bigint =>
  (BigInt(centsAnHour) * 10n ** BigInt(decimals + 12)) / 360_000n;

/**
 * Has the providers declare their nodes.
 *
 * @param unitsOf How many units each needs for its orders.
 */
export async function declareNodes(
  world: World,
  plans: readonly NodePlan[],
  models: readonly ListedModel[],
  unitsOf: (node: number) => number,
): Promise<MarketNode[]> {
  const { sender, protocol, people, size, decimals } = world;
  const { nodeRegistry } = protocol;
  const { stake } = await declarationTermsOf(protocol, models[0]?.modelId ?? 1n, 1);
  const share = await nodeRegistry.powerShareBps();
  const declared = plans.map((plan, index): Declared => {
    const { modelId, hashRate } = roundIn(models, plan.model);
    const units = unitsOf(index) + plan.spareUnits;
    const requiredRate = (hashRate * BigInt(units) * share) / 10_000n;
    return {
      ...plan,
      ...{ owner: roundIn(people.providers, plan.provider), modelId, units, requiredRate },
      ratePerUnit: rateOf(plan.centsAnHour, decimals),
      enclave: new Wallet(keyOf(size.seed, `enclave ${String(index)}`)),
    };
  });
  const receipts = await sender.send(
    declared.map(({ owner, modelId, units, ratePerUnit, requiredRate, url }) => ({
      by: owner,
      tx: nodeRegistry.declare.populateTransaction(modelId, units, ratePerUnit, requiredRate, stake, url),
      what: "declare a node",
    })),
  );
  return declared.map((node, i) => {
    const [receipt] = receipts.slice(i);
    if (receipt === undefined) throw new RangeError("A node was not declared");
    return { ...node, nodeId: numberIn(receipt, nodeRegistry, "NodeDeclared", "nodeId") };
  });
}

/** A block that quotes may name, and what else they are bound to. */
interface Place {
  readonly chainId: bigint;
  readonly registry: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** Has all nodes attested whose plan says so, each by its own simulated platform's quote. */
export async function attestNodes(world: World, intel: Intel, nodes: readonly MarketNode[]): Promise<void> {
  const { chain, sender, protocol, book, chainId, people } = world;
  const { nodeRegistry } = protocol;
  if ((await nodeRegistry.oldestBlock()) === 0n) {
    await sender.send([
      { by: people.stranger, tx: nodeRegistry.checkpoint.populateTransaction(), what: "record a checkpoint" },
    ]);
  }
  const { number, hash } = await chain.newestBlock();
  const place = { chainId, registry: book.contracts.nodeRegistry, blockNumber: BigInt(number), blockHash: hash };
  const attested = nodes.filter(({ life }) => life !== "declared");
  const intents: Intent[] = [];
  for (const node of attested) intents.push(await attestationOf(world, intel, node, place));
  await sender.send(intents);
}

async function attestationOf(world: World, intel: Intel, node: MarketNode, place: Place): Promise<Intent> {
  const { protocol, book, size } = world;
  const { nodeId, owner, enclave, tcbStatus, verifier } = node;
  const bound = { ...place, provider: owner.address, nonce: registrationNonce(nodeId, 0n) };
  const reportData = reportDataOf(bound, enclave.address);
  const name = `made-up machine ${String(size.seed)}.${nodeId.toString()}`;
  const quote = intel.simulator.platform({ name, tcbStatus }).quote({ reportData });
  const [contract, evidence] =
    verifier === "OnChain"
      ? [book.contracts.dcapVerifier, intel.evidenceFor(quote)]
      : [book.contracts.quorumVerifier, await vouchingFor(world, intel, quote, reportData)];
  const args = [nodeId, contract, enclave.address, place.blockNumber, evidence] as const;
  return { by: owner, tx: protocol.nodeRegistry.attest.populateTransaction(...args), what: "attest a node" };
}

/** The validators verify a quote, and sign what it says. */
async function vouchingFor(world: World, intel: Intel, quote: Uint8Array, reportData: Hex): Promise<string> {
  const { chain, chainId, book, people, journal } = world;
  const { simulator, collateral } = intel;
  const { attestation, basis } = verifyQuote({
    ...{ quote, collateral, root: simulator.root, time: chain.now, expectedReportData: reportData },
  });
  const domain = domainOf("QuorumVerifier", chainId, book.contracts.quorumVerifier);
  const vouch = { consumer: book.contracts.nodeRegistry, reportData, attestation, basis };
  const signatures = [];
  for (const validator of people.validators) {
    signatures.push({
      validator: validator.address,
      signature: await signVouchOnce(journal, validator, domain, vouch),
    });
  }
  return encodeVouching(vouch, signatures);
}

/** The measurement that all nodes of a market run. */
export const MEASUREMENT = simulatedEnclave().mrEnclave;
