import type { Actor } from "../actors.ts";
import { clockTime } from "../clock.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual } from "../unmet.ts";
import { hashRate, whole } from "../words.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";
import { proofPrefix, signAnswer, type AnswerContent } from "../../../src/pow/index.ts";

/** An answer that a node has found and signed. */
export interface FoundAnswer {
  readonly content: AnswerContent;
  readonly target: bigint;
  readonly signature: string;
}

/** Blocks that may be cited, and seconds between the blocks of the simulated chain. */
const CITABLE = 3n;
const BLOCK_TIME = 60n;

/** Lets time pass until a block wins the lottery. Returns its number. */
async function awaitWinner({ protocol, provider, clock }: World): Promise<number> {
  for (;;) {
    const latest = await provider.getBlockNumber();
    for (const number of [latest, latest - 1, latest - 2]) {
      if (await protocol.challengeManager.canIssue(number, { blockTag: "pending" })) return number;
    }
    await clock.pass(CITABLE, BLOCK_TIME);
  }
}

/** A validator issues the epoch's challenge at the moment that the lottery says. Returns the epoch. */
export async function issueChallenge(world: World, validator: Actor, { say, tell }: Narrator): Promise<bigint> {
  const { protocol, sender, clock } = world;
  tell(`${validator.name} waits for a block that wins the lottery`);
  const blockNumber = await awaitWinner(world);
  const receipt = await sender.send("challenge issue", validator, protocol.challengeManager.issue.populateTransaction(blockNumber));
  const issued = eventOf(receipt, protocol.challengeManager, "ChallengeIssued");
  mustEqual("Whether the challenge earned its validator a point", issued.args.getValue("rewarded") as boolean, true);
  const at = clockTime(await clock.now());
  say(`${validator.name} finds that block ${String(blockNumber)} won the lottery and challenges all nodes`, { at, gas: receipt.gasUsed });
  return numberIn(issued, "epoch");
}

/** The node searches its answer to the running challenge, and its enclave signs it. */
export async function findAnswer(world: World, node: NodeMachine, { say, tell }: Narrator): Promise<FoundAnswer> {
  const { protocol, book, chainId, effort, clock } = world;
  const { challengeManager } = protocol;
  const [{ prefix, target, answerBy }, { seed, epoch }] = await Promise.all([
    challengeManager.searchTermsOf(node.nodeId),
    challengeManager.getChallenge(),
  ]);
  const enclaveKey = node.enclave.address;
  const binding = { chainId, challengeManager: book.contracts.challengeManager, seed, nodeId: node.nodeId, enclaveKey };
  mustEqual("The prefix that the chain tells", prefix, proofPrefix(binding));
  const secondsLeft = Number(answerBy - (await clock.now()));
  const solution = await effort.solve({ prefix, target, deadline: Date.now() + 1000 * secondsLeft }, tell);
  const content = { ...binding, epoch, nonces: solution.nonces };
  const { threads } = await effort.machine();
  const pace = `${hashRate(solution.rate)} on ${String(threads)} threads`;
  say(`node ${node.nodeId.toString()} computes ${whole(solution.hashes)} keccak-256 hashes in ${solution.seconds.toFixed(2)}s (${pace})`);
  return { content, target, signature: await signAnswer(node.enclave, content) };
}

/** The node hands its answer in and has proven the epoch. */
export async function prove(world: World, node: NodeMachine, answer: FoundAnswer, { say }: Narrator): Promise<void> {
  const { protocol, sender, clock } = world;
  const { challengeManager, nodeRegistry } = protocol;
  const { nodeId, epoch, nonces } = answer.content;
  const receipt = await sender.send("proof of 128 nonces", node.owner, challengeManager.prove.populateTransaction(nodeId, nonces, answer.signature));
  const proven = numberIn(eventOf(receipt, challengeManager, "EpochProven"), "hashRate");
  must(`the chain has the proof of epoch ${epoch.toString()}`, await challengeManager.isProven(nodeId, epoch));
  const { requiredRate } = await nodeRegistry.proofTermsOf(nodeId);
  const shown = `at least ${whole(proven)} hashes/s, of ${whole(requiredRate)} claimed to be shown`;
  say(`node ${nodeId.toString()} proves the epoch: ${shown}`, { at: clockTime(await clock.now()), gas: receipt.gasUsed });
}
