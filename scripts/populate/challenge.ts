import type { World } from "./world.ts";
import { latestChallenge } from "../../src/chain/challenge.ts";
import { roundIn } from "./people.ts";
import { Random } from "../../test/fixtures/random.ts";

/** A challenge that nodes can answer now. */
export interface IssuedChallenge {
  readonly epoch: bigint;
  readonly seed: string;
  /** Unix seconds of its issue, and those at which answers come too late. */
  readonly issuedAt: bigint;
  readonly answerBy: bigint;
}

/** How many blocks are tried at a moment that was drawn, before the stretch of the epoch in which every block wins. */
const TRIES = 12;

/** Lets the running epoch's challenge come at some moment of it, issued by one of the validators in turn. */
export async function issueChallenge(world: World, number: number): Promise<IssuedChallenge> {
  const { chain, protocol, sender, people, epochLength, size } = world;
  const { challengeManager } = protocol;
  const [window, open] = await Promise.all([challengeManager.responseWindow(), challengeManager.openStretch()]);
  const epoch = chain.now / epochLength;
  const begin = epoch * epochLength;
  const openFrom = begin + epochLength - window - open;
  const random = new Random(size.seed + 100 + number);
  const moment = chain.now + ((openFrom - chain.now) * BigInt(random.integer(0, 90))) / 100n;
  if (moment > chain.now) await chain.mine(moment);
  let block = await winningBlock(world, TRIES);
  if (block === undefined) {
    await chain.mine(openFrom > chain.now ? openFrom + 1n : undefined);
    block = await winningBlock(world, TRIES);
  }
  if (block === undefined) throw new Error(`No block of epoch ${epoch.toString()} won the lottery in time`);
  const by = roundIn(people.validators, number);
  await sender.send([{ by, tx: challengeManager.issue.populateTransaction(block), what: "issue a challenge" }]);
  const { seed, issuedAt } = await latestChallenge(world);
  return { epoch, seed, issuedAt, answerBy: issuedAt + window };
}

/** Mines until a block can be cited that has won. */
async function winningBlock({ chain, protocol }: World, tries: number): Promise<number | undefined> {
  for (let i = 0; i < tries; i += 1) {
    const { number } = await chain.mine();
    if (await protocol.challengeManager.canIssue(Number(number), { blockTag: "pending" })) return Number(number);
  }
  return undefined;
}
