import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual } from "../unmet.ts";
import { hashRate, whole } from "../words.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";
import { latestChallenge } from "../../src/chain/challenge.ts";
import { PROOF_COUNT, proofPrefix, signAnswer, type AnswerContent, type Solution } from "../../src/pow/index.ts";

/** An answer that a node has found and signed. */
export interface FoundAnswer {
  readonly content: AnswerContent;
  readonly target: bigint;
  readonly signature: string;
  /** What it took. */
  readonly effort: Solution;
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
  const receipt = await sender.send(
    "challenge issue",
    validator,
    protocol.challengeManager.issue.populateTransaction(blockNumber),
  );
  const issued = eventOf(receipt, protocol.challengeManager, "ChallengeIssued");
  mustEqual("Whether the challenge earned its validator a point", issued.args.getValue("rewarded") as boolean, true);
  const time = await clock.stamp();
  say(`${validator.name} sees block ${String(blockNumber)} win the lottery and challenges all nodes`, {
    ...time,
    gas: receipt.gasUsed,
  });
  return numberIn(issued, "epoch");
}

/** The node searches its answer to the running challenge, and its enclave signs it. */
export async function findAnswer(world: World, node: NodeMachine, { tell }: Narrator): Promise<FoundAnswer> {
  const { protocol, book, chainId, effort, clock } = world;
  const { challengeManager } = protocol;
  const { seed, epoch } = await latestChallenge(world);
  const { prefix, target, answerBy } = await challengeManager.searchTermsOf(node.nodeId, seed);
  const enclaveKey = node.enclave.address;
  const binding = {
    chainId,
    challengeManager: book.contracts.challengeManager,
    seed,
    nodeId: node.nodeId,
    enclaveKey,
  };
  mustEqual("The prefix that the chain gives", prefix, proofPrefix(binding));
  const secondsLeft = Number(answerBy - (await clock.now()));
  const solution = await effort.solve({ prefix, target, deadline: Date.now() + 1000 * secondsLeft }, tell);
  const content = { ...binding, epoch, nonces: solution.nonces };
  return { content, target, signature: await signAnswer(node.enclave, content), effort: solution };
}

/** The node hands its answer in and has proven the epoch. */
export async function prove(world: World, node: NodeMachine, answer: FoundAnswer, { say }: Narrator): Promise<void> {
  const { protocol, sender, clock } = world;
  const { challengeManager } = protocol;
  const { nodeId, epoch, nonces } = answer.content;
  const tx = challengeManager.prove.populateTransaction(nodeId, nonces, answer.signature);
  const receipt = await sender.send(`proof of ${String(PROOF_COUNT)} nonces`, node.owner, tx);
  const proven = numberIn(eventOf(receipt, challengeManager, "EpochProven"), "hashRate");
  must(`the chain has the proof of epoch ${epoch.toString()}`, await challengeManager.isProven(nodeId, epoch));
  const { hashes, rate } = answer.effort;
  const work = `${whole(hashes)} hashes at ${hashRate(rate)}`;
  const text = `node ${nodeId.toString()} computes ${work}: proves at least ${whole(proven)} hashes/s`;
  say(text, { ...(await clock.stamp()), gas: receipt.gasUsed });
}
