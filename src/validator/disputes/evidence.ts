import { keccak256 } from "ethers";

import { callTo } from "../../calldata.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { transactionOf } from "../../chain/history.ts";
import { collateralHash, type Collateral } from "../../sgx/collateral.ts";
import { collateralOf } from "../client.ts";
import type { NodeGateways } from "../nodeGateway.ts";
import type { Peers } from "../peers.ts";
import type { QuoteStore } from "../store/quotes.ts";
import type { VouchStore } from "../store/vouches.ts";
import type { Events } from "../watch/feed.ts";

/** Where quotes and collateral are looked for. */
export interface EvidenceParts {
  readonly chain: ChainAccess;
  readonly feed: Events;
  readonly quotes: Pick<QuoteStore, "quoteOf">;
  readonly vouches: Pick<VouchStore, "collateral" | "keepCollateral">;
  readonly gateways: Pick<NodeGateways, "quote" | "collateral">;
  readonly peers: Pick<Peers, "askAll">;
}

/** Which quote is looked for. */
export interface WantedQuote {
  readonly nodeId: bigint;
  readonly quoteHash: string;
}

/** Finds the quotes and the collateral that vouchings are about. Whoever gives them is not believed: only what has the right hash counts. */
export class Evidence {
  readonly #parts: EvidenceParts;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /**
   * A quote's bytes in hex: as it was brought here, shown on the chain, or as the node's gateway or another validator gives it; undefined where
   * nobody does.
   */
  async quote({ nodeId, quoteHash }: WantedQuote, url: () => Promise<string>): Promise<string | undefined> {
    const { quotes, gateways, peers } = this.#parts;
    const isWanted = (quote: string | undefined): quote is string =>
      quote !== undefined && keccak256(quote) === quoteHash;
    const known = quotes.quoteOf(nodeId, quoteHash) ?? (await this.#shown(quoteHash));
    if (isWanted(known)) return known;
    const given = (await gateways.quote(await url()))?.quote;
    if (isWanted(given)) return given;
    const answers = await peers.askAll(async (client, signal) => client.quote(nodeId, quoteHash, signal));
    return answers.map(({ answer }) => answer).find(isWanted);
  }

  /** The quote as the transaction carried it that showed it on demand. */
  async #shown(quoteHash: string): Promise<string | undefined> {
    const { chain, feed } = this.#parts;
    const events = feed.events({ contract: "quorumVerifier", name: "QuoteShown" }, { confirmations: 0 });
    const event = events.find(({ args }) => args.quoteHash === quoteHash);
    if (event === undefined) return undefined;
    return chain.read("a quote that was shown", async ({ quorumVerifier }) => {
      const call = await callTo(quorumVerifier, await transactionOf(quorumVerifier, event));
      return call?.name === "showQuote" ? (call.args.getValue("quote") as string) : undefined;
    });
  }

  /** The collateral of a hash: kept here, another validator's, or the node's gateway's; undefined where nobody has it. */
  async collateral(hash: string, url: () => Promise<string>): Promise<Collateral | undefined> {
    const { vouches, peers, gateways } = this.#parts;
    const text = vouches.collateral(hash);
    const here = text === undefined ? undefined : collateralOf(text, hash);
    if (here !== undefined) return here;
    const [answer] = await peers.askAll(async (client, signal) => client.collateral(hash, signal));
    const found = answer?.answer ?? (await gateways.collateral(await url(), hash));
    if (found === undefined || collateralHash(found) !== hash.toLowerCase()) return undefined;
    vouches.keepCollateral(hash, found);
    return found;
  }
}
