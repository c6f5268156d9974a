import type { Events } from "./feed.ts";
import type { ChainEvent } from "../../chain/feed/eventFeed.ts";
import type { Position } from "../../chain/feed/feedStore.ts";
import { registrationNonce } from "../../enclave/registration.ts";

type NodeAttested = ChainEvent<"nodeRegistry", "NodeAttested">;

/** One attestation of a node, as the registry told of it. */
export interface Attested {
  readonly nodeId: bigint;
  readonly quoteHash: string;
  readonly platformId: string;
  readonly verifier: string;
  readonly launch: string;
  /** Which of the node's attestations it is, from 1. */
  readonly count: bigint;
  /** What bound the quote to the node, apart from the block's hash. */
  readonly nonce: bigint;
  readonly blockNumber: bigint;
  /** The block that it was mined in. */
  readonly block: number;
}

/** So many attestations that newer ones of their nodes have replaced are held in memory. */
const KEPT = 16_384;

/**
 * All attestations of nodes, as a feed has them. Held in memory are the newest of each node, which may be judged again even when the node has ended,
 * since a takeover can be undone; and the last ones that were replaced, whose quotes may be disputed. Older ones are read from the feed's database
 * where they are asked for: none is forgotten, and memory grows with nodes alone.
 */
export class Attestations {
  readonly #feed: Events;
  readonly #confirmations: number;
  readonly #kept: number;
  readonly #newest = new Map<bigint, Attested>();
  readonly #replaced = new Set<Attested>();
  readonly #ofQuote = new Map<string, readonly Attested[]>();
  #isAllHeld = true;
  #after: Position = { block: -1, logIndex: 0 };

  /** @param kept So many replaced ones are held in memory; 16,384 by default. */
  constructor(feed: Events, confirmations: number, kept = KEPT) {
    [this.#feed, this.#confirmations, this.#kept] = [feed, confirmations, kept];
  }

  /** How many are held in memory. */
  get held(): number {
    return this.#newest.size + this.#replaced.size;
  }

  /** Takes in what has come since the last time. */
  refresh(): void {
    for (const event of this.#events(this.#after)) {
      const before = this.#newest.get(event.args.nodeId);
      const attested = attestedIn(event, (before?.count ?? 0n) + 1n);
      this.#newest.set(attested.nodeId, attested);
      this.#ofQuote.set(attested.quoteHash, [...this.heldOf(attested.quoteHash), attested]);
      if (before !== undefined) this.#replace(before);
      this.#after = { block: event.block, logIndex: event.logIndex };
    }
  }

  /** The newest attestation of each node, in the order of the nodes' first ones. */
  newest(): Attested[] {
    return [...this.#newest.values()];
  }

  /** The attestations by a quote that are held in memory; usually one. */
  heldOf(quoteHash: string): readonly Attested[] {
    return this.#ofQuote.get(quoteHash) ?? [];
  }

  /** All attestations by a quote, which may take reading the feed from its beginning. */
  allOf(quoteHash: string): readonly Attested[] {
    if (this.#isAllHeld) return this.heldOf(quoteHash);
    const counts = new Map<bigint, bigint>();
    const found: Attested[] = [];
    for (const event of this.#events({ block: -1, logIndex: 0 })) {
      const { nodeId } = event.args;
      const count = (counts.get(nodeId) ?? 0n) + 1n;
      counts.set(nodeId, count);
      if (event.args.quoteHash === quoteHash) found.push(attestedIn(event, count));
    }
    return found;
  }

  #events(after: Position): NodeAttested[] {
    const options = { confirmations: this.#confirmations, after };
    return this.#feed.events({ contract: "nodeRegistry", name: "NodeAttested" }, options);
  }

  #replace(attested: Attested): void {
    this.#replaced.add(attested);
    if (this.#replaced.size <= this.#kept) return;
    const [oldest = attested] = this.#replaced;
    this.#replaced.delete(oldest);
    this.#isAllHeld = false;
    const others = this.heldOf(oldest.quoteHash).filter((each) => each !== oldest);
    if (others.length > 0) this.#ofQuote.set(oldest.quoteHash, others);
    else this.#ofQuote.delete(oldest.quoteHash);
  }
}

function attestedIn({ args, block }: NodeAttested, count: bigint): Attested {
  const { nodeId, quoteHash, platformId, verifier, launch, blockNumber } = args;
  const nonce = registrationNonce(nodeId, count - 1n);
  return { nodeId, quoteHash, platformId, verifier, launch, count, nonce, blockNumber, block };
}
