import { hexlify, randomBytes, ZeroAddress, type TypedDataDomain } from "ethers";

import { orderRate, type PricePolicy } from "./policy.ts";
import { formatUnits, parseAmount, parseRate } from "../../amounts.ts";
import type { OfferDocument } from "../../documents/orders.ts";
import { hashOffer, signOffer, type TypedDataSigner } from "../../eip712/index.ts";
import type { AgreedReader } from "../chain/agreed.ts";
import type { Hex } from "../../sgx/bytes.ts";
import { Problem } from "../problems/problem.ts";

/** What the chain says about a node that is offered. */
export interface OfferedNode {
  readonly provider: string;
  readonly isOpen: boolean;
  readonly units: number;
  readonly used: number;
  /** Base units per second of one unit, with 12 extra decimals, as listed. */
  readonly ratePerUnit: bigint;
  readonly mrEnclave: Hex;
  readonly enclaveKey: string;
  readonly modelId: number;
  readonly feeBps: number;
  /** Unix seconds of the chain. */
  readonly now: number;
}

/**
 * Reads what offers of a node depend on, which its provider signs: all of it at one block, as two endpoints agree where there are several.
 * The time is the earlier of the chain's and the machine's, so that no block of the future makes an offer last.
 *
 * @param now Unix milliseconds.
 * @throws {Problem} `chain-unreachable`, also when endpoints contradict each other.
 */
export async function readOfferedNode(reader: AgreedReader, nodeId: number, now: () => number): Promise<OfferedNode> {
  const { time, ...offered } = await reader.readAgreed("the node", async ({ nodeRegistry, orderEscrow }, block) => {
    const at = { blockTag: block.number };
    const [node, terms, used, feeBps, paused] = await Promise.all([
      nodeRegistry.getNode(nodeId, at),
      nodeRegistry.orderTermsOf(nodeId, at),
      orderEscrow.unitsInUse(nodeId, at),
      orderEscrow.feeBps(at),
      orderEscrow.paused(at),
    ]);
    return {
      provider: node.provider,
      isOpen: terms.open && !paused,
      units: Number(node.units),
      used: Number(used),
      ratePerUnit: node.ratePerUnit,
      mrEnclave: node.mrEnclave as Hex,
      enclaveKey: node.enclaveKey,
      modelId: Number(node.modelId),
      feeBps: Number(feeBps),
      time: block.time,
    };
  });
  return { ...offered, now: Math.min(time, Math.floor(now() / 1000)) };
}

/** Where offers are taken, and in which token. */
export interface OfferPlace {
  readonly nodeId: number;
  readonly chainId: number;
  readonly escrow: string;
  readonly token: string;
  readonly decimals: number;
  readonly domain: TypedDataDomain;
}

/** An offer, by the number of units that an order takes. */
interface Standing {
  readonly document: OfferDocument;
  /** What it was made from: another node or price makes another offer. */
  readonly basis: string;
}

/** The problem of a node that takes no order of so many units. */
function noOffer({ isOpen, units: all, used }: OfferedNode, most: number, units: number): Problem {
  const another = "take another node: `market list`.";
  if (!isOpen)
    return new Problem("no-offer", "The node takes no orders now", { hint: `Ask the provider, or ${another}` });
  if (used < all) {
    return new Problem(
      "no-offer",
      `An order of this node can take at most ${formatUnits(most)} now, not ${String(units)}`,
    );
  }
  const detail = `The node is full: ${all === 1 ? "its one unit is" : `all of its ${formatUnits(all)} are`} rented`;
  return new Problem("no-offer", detail, { hint: `Wait until one of its orders ends, or ${another}` });
}

/**
 * A provider's standing offers: made when they are first asked for, and again when a quarter of their time is over or what they rest on has
 * changed. One signature serves everybody who asks, so that asking signs nothing new.
 */
export class StandingOffers {
  readonly #place: OfferPlace;
  readonly #policy: PricePolicy;
  readonly #signer: TypedDataSigner;
  readonly #read: () => Promise<OfferedNode>;
  readonly #standing = new Map<number, Standing>();

  constructor(place: OfferPlace, policy: PricePolicy, signer: TypedDataSigner, read: () => Promise<OfferedNode>) {
    this.#place = place;
    this.#policy = policy;
    this.#signer = signer;
    this.#read = read;
  }

  /** The offers that can be taken now: of 1, 2, 4, ... units and of the most that an order can take. */
  async list(): Promise<OfferDocument[]> {
    const node = await this.#read();
    const most = this.#mostUnits(node);
    const sizes = new Set<number>();
    for (let units = 1; units < most; units *= 2) sizes.add(units);
    if (most > 0) sizes.add(most);
    return Promise.all([...sizes].map(async (units) => this.#offer(node, units)));
  }

  /**
   * The offer of a number of units.
   *
   * @throws {Problem} `no-offer`, when the node takes no such order now.
   */
  async of(units: number): Promise<OfferDocument> {
    const node = await this.#read();
    const most = this.#mostUnits(node);
    if (units <= most) return this.#offer(node, units);
    throw noOffer(node, most, units);
  }

  #mostUnits({ isOpen, units, used }: OfferedNode): number {
    return isOpen ? Math.min(units - used, this.#policy.maxUnits ?? units) : 0;
  }

  async #offer(node: OfferedNode, units: number): Promise<OfferDocument> {
    const { mrEnclave, enclaveKey, modelId, feeBps, provider } = node;
    const rate = this.#rateOf(node, units);
    const basis = JSON.stringify([provider, mrEnclave, enclaveKey, modelId, feeBps, rate.toString()]);
    const known = (): OfferDocument | undefined => this.#known(units, basis, node.now);
    const standing = known();
    if (standing !== undefined) return standing;
    const document = await this.#make(node, units, rate);
    // Who asked at the same time may have been faster; this one then never leaves.
    const other = known();
    if (other !== undefined) return other;
    this.#standing.set(units, { document, basis });
    return document;
  }

  #known(units: number, basis: string, now: number): OfferDocument | undefined {
    const standing = this.#standing.get(units);
    return standing?.basis === basis && this.#isFresh(standing.document, now) ? standing.document : undefined;
  }

  #rateOf({ ratePerUnit, units: capacity, used }: OfferedNode, units: number): bigint {
    const { unitPrice } = this.#policy;
    const unitRate = unitPrice === undefined ? ratePerUnit : parseRate(unitPrice, this.#place.decimals);
    return orderRate(this.#policy, { units, capacity, used, unitRate });
  }

  #isFresh({ offer }: OfferDocument, now: number): boolean {
    return Number(offer.expiry) - now > this.#policy.validity * 0.75;
  }

  async #make(node: OfferedNode, units: number, ratePerSecond: bigint): Promise<OfferDocument> {
    const { nodeId, chainId, escrow, token, decimals, domain } = this.#place;
    const { stakeLockPerUnit, minDeposit, validity } = this.#policy;
    const offer = {
      provider: node.provider,
      nodeId: BigInt(nodeId),
      token,
      units,
      ratePerSecond,
      stakeLock: parseAmount(stakeLockPerUnit, decimals) * BigInt(units),
      minDeposit: parseAmount(minDeposit, decimals),
      maxFeeBps: node.feeBps,
      mrEnclave: node.mrEnclave,
      enclaveKey: node.enclaveKey,
      modelId: node.modelId,
      expiry: BigInt(node.now + validity),
      // As many orders as the node holds side by side; its units bound them anyhow.
      volume: Math.floor(node.units / units),
      taker: ZeroAddress,
      salt: BigInt(hexlify(randomBytes(32))),
    };
    const signature = await signOffer(this.#signer, domain, offer);
    return { kind: "order-offer", chainId, escrow, offerHash: hashOffer(domain, offer) as Hex, offer, signature };
  }
}
