import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { whole } from "../words.ts";
import { openWorld, type World } from "../world.ts";
import { formatDuration, parseAmount } from "../../src/amounts.ts";

/** What the deployer gives each of the others to begin with, in tokens. */
const GIFT = { validator: "10000", provider: "1500", user: "100", researcher: "100" };

/** The hour at which the story begins; the whole of it fits in the day, which is a reward period. */
const BEGINS_AT_EPOCH = 8n;

/** Deploys the platform, hands out tokens and sets the clock. */
export async function deployAll(
  hre: HardhatRuntimeEnvironment,
  connection: NetworkConnection,
  { say, tell }: Narrator,
): Promise<World> {
  tell("Ignition deploys modules/Protocol.ts");
  const world = await openWorld(hre, connection);
  const { provider, protocol, clock } = world;
  const blocks = await Promise.all(
    Array.from({ length: await provider.getBlockNumber() }, async (_, i) => provider.getBlock(i + 1)),
  );
  const gas = blocks.reduce((sum, block) => sum + (block?.gasUsed ?? 0n), 0n);
  const { challengeManager, orderEscrow, hardwareCatalog, nodeRegistry } = protocol;
  const [window, feeBps, shareBps, model, perPeriod] = await Promise.all([
    challengeManager.responseWindow(),
    orderEscrow.feeBps(),
    nodeRegistry.powerShareBps(),
    hardwareCatalog.getModel(1),
    challengeManager.EPOCHS_PER_PERIOD(),
  ]);
  const count = Object.keys(world.book.contracts).length;
  say(`${String(count)} contracts through modules/Protocol.ts, ${String(blocks.length)} transactions`, { gas });
  say(
    `epochs of ${formatDuration(clock.epochLength)}, answers within ${formatDuration(window)}, fee ${percent(feeBps)}`,
  );
  say(
    `hardware model 1 "${model.name}": ${whole(model.hashRate)} hashes/s a unit, ${percent(shareBps)} of it to be shown`,
  );

  await handOut(world);
  const period = clock.epochLength * perPeriod;
  const begin = ((await clock.now()) / period + 1n) * period + BEGINS_AT_EPOCH * clock.epochLength;
  const moved = await clock.travelTo(begin);
  say(`the clock is moved ${formatDuration(moved)} ahead; » marks each further jump`, await clock.stamp());
  return world;
}

async function handOut({ actors, protocol, sender, token }: World): Promise<void> {
  const { validators, provider, copycat, user, host, researcher } = actors;
  const gifts: readonly (readonly [Actor, string])[] = [
    ...validators.map((actor) => [actor, GIFT.validator] as const),
    [provider, GIFT.provider],
    [copycat, GIFT.provider],
    [user, GIFT.user],
    [host, GIFT.provider],
    [researcher, GIFT.researcher],
  ];
  for (const [{ signer }, amount] of gifts) {
    const tx = protocol.token.transfer.populateTransaction(signer.address, parseAmount(amount, token.decimals));
    await sender.send("token transfer", actors.deployer, tx);
  }
}

function percent(bps: bigint): string {
  return `${(Number(bps) / 100).toString()} %`;
}
