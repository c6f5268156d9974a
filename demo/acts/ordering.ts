import { Wallet } from "ethers";

import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";
import { permitBy } from "./staking.ts";
import { formatDuration, formatRate } from "../../src/amounts.ts";
import { domainOf, hashOffer, signOffer } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";

/** What the provider offers. */
export interface Terms {
  readonly units: bigint;
  /** Of the whole order: base units per second with 12 extra decimals. */
  readonly ratePerSecond: bigint;
  readonly stakeLock: bigint;
  readonly deposit: bigint;
}

const MINUTES_LATER = 5n * 60n;

/** The provider signs an offer, and the user takes it with one transaction. */
export async function openOrder(
  world: World,
  node: NodeMachine,
  terms: Terms,
  { say, tell }: Narrator,
): Promise<bigint> {
  const { protocol, book, chainId, sender, clock, actors, token } = world;
  const { units, ratePerSecond, stakeLock, deposit } = terms;
  const { orderEscrow } = protocol;
  await clock.travelTo((await clock.now()) + MINUTES_LATER);
  tell("the provider signs an offer");
  const { enclaveKey, modelId } = await protocol.nodeRegistry.getNode(node.nodeId);
  const offer = {
    provider: node.owner.signer.address,
    nodeId: node.nodeId,
    token: book.contracts.token,
    units,
    ratePerSecond,
    stakeLock,
    minDeposit: deposit,
    maxFeeBps: await orderEscrow.feeBps(),
    mrEnclave: node.mrEnclave,
    enclaveKey,
    modelId,
    expiry: (await clock.now()) + clock.epochLength,
    volume: 1n,
    taker: actors.user.signer.address,
    salt: BigInt(Wallet.createRandom().address),
  };
  const domain = domainOf("OrderEscrow", chainId, book.contracts.orderEscrow);
  const signature = await signOffer(node.owner.signer, domain, offer);
  const permit = await permitBy(world, actors.user, book.contracts.orderEscrow, deposit);
  const tx = orderEscrow.openWithPermit.populateTransaction(offer, signature, deposit, false, permit);
  const receipt = await sender.send("order open", actors.user, tx);
  const opened = eventOf(receipt, orderEscrow, "OrderOpened");
  const orderId = numberIn(opened, "orderId");
  mustEqual("The offer's hash on the chain", String(opened.args.getValue("offerHash")), hashOffer(domain, offer));
  const [{ status }, order] = await Promise.all([orderEscrow.statusOf(orderId), orderEscrow.getOrder(orderId)]);
  mustEqual("The order's status", enumName("OrderStatus", status), "Active");

  const time = await clock.stamp();
  const price = formatRate(order.terms.ratePerSecond, token.decimals);
  const locked = tokens(order.stakeLock, token.decimals);
  const escrowed = tokens(numberIn(opened, "deposit"), token.decimals);
  const runway = formatDuration(await orderEscrow.runwayOf(orderId));
  say(
    `the provider signs an offer: ${units.toString()} units for ${price} ${token.symbol}, ${locked} of its stake locked behind it`,
  );
  say(`the user takes it: one transaction with a permit opens order ${orderId.toString()}`, {
    ...time,
    gas: receipt.gasUsed,
  });
  say(`${escrowed} ${token.symbol} escrowed last ${runway}; the order streams`);
  return orderId;
}
