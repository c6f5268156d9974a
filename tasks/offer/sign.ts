import { hexlify, randomBytes, ZeroAddress } from "ethers";

import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { signingTime } from "../support/clock.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { parseId, parseNumber, writeDocument } from "../support/inputs.ts";
import { checkOverwritable } from "./file.ts";
import { checkTakable } from "./obstacles.ts";
import {
  costUpOf,
  formatAmount,
  formatRate,
  formatTime,
  formatUnits,
  parseAmount,
  parseDuration,
  parseRate,
} from "../../src/amounts.ts";
import { domainOf, hashOffer, signOffer } from "../../src/eip712/index.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly units: string;
  readonly price: string | undefined;
  readonly lock: string;
  readonly minDeposit: string;
  readonly maxFee: string | undefined;
  readonly expires: string;
  readonly volume: string;
  readonly taker: string | undefined;
  readonly out: string | undefined;
}

/** Reads an amount for which contracts have so many bits. */
function parseBounded(text: string, decimals: number, bits: bigint): bigint {
  const amount = parseAmount(text, decimals);
  if (amount < 2n ** bits) return amount;
  throw new InputError(`The amount "${text}" is too large`, `Give less than 2^${bits.toString()} base units.`);
}

async function makeOffer(args: Arguments, context: PlatformContext, signer: string) {
  const { protocol, token, book } = context;
  const nodeId = parseId(args.node, "node");
  const [node, feeBps, now] = await Promise.all([
    protocol.nodeRegistry.getNode(nodeId),
    protocol.orderEscrow.feeBps(),
    signingTime(context),
  ]);
  if (node.provider !== signer) {
    const remedy = `Sign with the provider's account: --account ${node.provider}.`;
    throw new InputError(`Node ${nodeId.toString()} does not belong to ${signer}`, remedy);
  }
  const units = parseNumber(args.units, "number of units", node.units, 1n);
  const perUnit = args.price === undefined ? node.ratePerUnit : parseRate(args.price, token.decimals);
  return {
    provider: signer,
    nodeId,
    token: book.contracts.token,
    units: Number(units),
    ratePerSecond: perUnit * units,
    stakeLock: parseBounded(args.lock, token.decimals, 96n),
    minDeposit: parseBounded(args.minDeposit, token.decimals, 104n),
    maxFeeBps: Number(args.maxFee === undefined ? feeBps : parseNumber(args.maxFee, "fee in basis points", 10_000n)),
    mrEnclave: node.mrEnclave,
    enclaveKey: node.enclaveKey,
    modelId: Number(node.modelId),
    expiry: now + parseDuration(args.expires),
    volume: Number(parseNumber(args.volume, "volume", 2n ** 32n - 1n, 1n)),
    taker: args.taker === undefined ? ZeroAddress : await parseAccount(context, args.taker),
    salt: BigInt(hexlify(randomBytes(32))),
  };
}

export default action(async (args: Arguments, context) => {
  const { chainId, book, token, options } = context;
  const escrow = book.contracts.orderEscrow;
  const signer = await signerOf(context);
  const offer = await makeOffer(args, context, signer.address);
  const { atOnce, notes } = await checkTakable(context, offer);
  const domain = domainOf("OrderEscrow", chainId, escrow);
  const offerHash = hashOffer(domain, offer);
  const file = args.out ?? `offer-${offer.nodeId.toString()}.json`;
  await checkOverwritable(context, file);
  const twoEpochs = costUpOf(offer.ratePerSecond, 2n * (await context.protocol.challengeManager.epochLength()));
  const least = offer.minDeposit > twoEpochs ? offer.minDeposit : twoEpochs;
  if (!options.dryRun) {
    const signature = await signOffer(signer, domain, offer);
    writeDocument(file, { kind: "order-offer", chainId: Number(chainId), escrow, offerHash, offer, signature });
  }
  return {
    data: { dryRun: options.dryRun, file, offerHash, offer, atOnce, notes },
    rows: [
      ["Offer", offerHash],
      ["Node", `${offer.nodeId.toString()}, ${formatUnits(offer.units)} an order`],
      ["Price", `${formatRate(offer.ratePerSecond, token.decimals)} ${token.symbol} an order`],
      ["Stake behind it", `${formatAmount(offer.stakeLock, token.decimals)} ${token.symbol}`],
      ["Least deposit", `${formatAmount(offer.minDeposit, token.decimals)} ${token.symbol}, and two epochs' cost`],
      ["Expires", formatTime(offer.expiry)],
      ["Can be taken", `${String(offer.volume)} times, ${atOnce.toString()} of them side by side as things are`],
      ...notes.map((note) => ["Note", note] as const),
      [options.dryRun ? "Would be written to" : "Written to", file],
    ],
    next: `give the file to users: \`@order open ${formatAmount(least, token.decimals)} --offer ${word(file)}\`, or with a larger deposit.`,
  };
});
