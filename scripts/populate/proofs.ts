import type { IssuedChallenge } from "./challenge.ts";
import type { MarketNode } from "./nodes.ts";
import type { Intent } from "./sender.ts";
import type { World } from "./world.ts";
import { quickEngine } from "./quickEngine.ts";
import { createProver, proofPrefix, signAnswer, targetOf, type Prover } from "../../src/pow/index.ts";

/** What searches the market's proofs, each of which takes its weak hardware milliseconds. */
export async function marketProver(): Promise<Prover> {
  return createProver({ engine: await quickEngine() });
}

/** Searches what nodes have to answer to a challenge, and brings it to the chain, each after its own delay. */
export async function answer(
  world: World,
  prover: Prover,
  challenge: IssuedChallenge,
  nodes: readonly MarketNode[],
): Promise<void> {
  const { sender } = world;
  const { issuedAt, answerBy } = challenge;
  const bySecond = new Map<bigint, Intent[]>();
  for (const node of nodes) {
    const at = issuedAt + BigInt(node.delay);
    const found = bySecond.get(at) ?? [];
    found.push(await proofOf(world, prover, challenge, node));
    bySecond.set(at, found);
  }
  for (const at of [...bySecond.keys()].sort((a, b) => Number(a - b))) {
    const earliest = world.chain.now + 1n;
    if (earliest >= answerBy) throw new Error("The answers filled more blocks than the response window has seconds");
    await sender.send(bySecond.get(at) ?? [], at > earliest ? at : earliest);
  }
}

async function proofOf(
  world: World,
  prover: Prover,
  { seed, epoch }: IssuedChallenge,
  { nodeId, owner, enclave, requiredRate }: MarketNode,
): Promise<Intent> {
  const { protocol, book, chainId } = world;
  const { challengeManager } = protocol;
  const binding = {
    ...{ chainId, challengeManager: book.contracts.challengeManager, seed, nodeId, enclaveKey: enclave.address },
  };
  const target = targetOf(requiredRate, await windowOf(world));
  const { nonces } = await prover.solve({ prefix: proofPrefix(binding), target });
  const signature = await signAnswer(enclave, { ...binding, epoch, nonces });
  return {
    by: owner,
    tx: challengeManager.prove.populateTransaction(nodeId, nonces, signature),
    what: "prove an epoch",
  };
}

const windows = new WeakMap<World, Promise<bigint>>();

/** Seconds that a node must keep its power up, which never changes. */
export async function windowOf(world: World): Promise<bigint> {
  const known = windows.get(world) ?? world.protocol.challengeManager.effectiveWindow();
  windows.set(world, known);
  return known;
}
