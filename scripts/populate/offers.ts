import { ZeroAddress } from "ethers";

import type { MarketNode } from "./nodes.ts";
import { MEASUREMENT } from "./nodes.ts";
import type { World } from "./world.ts";
import type { OfferStruct } from "../../src/bindings.ts";
import { domainOf, signOffer } from "../../src/eip712/index.ts";

/** An offer that anybody may take as often as the node has units. */
export interface SignedOffer {
  readonly offer: OfferStruct;
  readonly signature: string;
}

const YEAR = 365n * 86_400n;
/** How many orders one offer may open. */
const VOLUME = 1_000_000n;
/** Tokens of the provider's stake that each order locks. */
export const STAKE_LOCK_TOKENS = 5n;

export const stakeLockOf = ({ decimals }: World): bigint => STAKE_LOCK_TOKENS * 10n ** BigInt(decimals);

/** The offers of a market's nodes, signed when they are first taken. */
export class Offers {
  readonly #world: World;
  readonly #expiry: bigint;
  readonly #signed = new Map<string, Promise<SignedOffer>>();

  constructor(world: World) {
    this.#world = world;
    this.#expiry = world.chain.now + YEAR;
  }

  /** A node's offer of so many units. */
  async of(node: MarketNode, units: number): Promise<SignedOffer> {
    const key = `${node.nodeId.toString()} ${String(units)}`;
    const known = this.#signed.get(key) ?? this.#sign(node, units);
    this.#signed.set(key, known);
    return known;
  }

  async #sign({ nodeId, owner, ratePerUnit, enclave, modelId }: MarketNode, units: number): Promise<SignedOffer> {
    const { chainId, book } = this.#world;
    const offer = {
      ...{ provider: owner.address, nodeId, token: book.contracts.token, units },
      ...{ ratePerSecond: ratePerUnit * BigInt(units), stakeLock: stakeLockOf(this.#world) },
      ...{ minDeposit: 0n, maxFeeBps: 1_000n, mrEnclave: MEASUREMENT, enclaveKey: enclave.address, modelId },
      ...{ expiry: this.#expiry, volume: VOLUME, taker: ZeroAddress, salt: BigInt(units) },
    };
    const domain = domainOf("OrderEscrow", chainId, book.contracts.orderEscrow);
    return { offer, signature: await signOffer(owner, domain, offer) };
  }
}
