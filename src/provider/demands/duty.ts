import { keccak256 } from "ethers";

import { formatTime } from "../../amounts.ts";
import type { Read } from "../../chain/access.ts";
import { keptQuotes } from "../../documents/keptQuotes.ts";
import type { QuoteDocument } from "../../documents/nodes.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import type { ProviderParts } from "../parts.ts";
import { saidByAny } from "../saidByAny.ts";

/** A kept quote that somebody demands to see. */
interface Demanded {
  readonly quote: QuoteDocument;
  readonly demander: string;
  /** Unix seconds of the last second in which it can be shown. */
  readonly answerBy: bigint;
}

/** Seconds in which a demanded quote can be shown, as QuorumVerifier has them. */
const ANSWER_PERIOD = 86_400n;
/** So many of a node's quotes, the newest ones, are looked at: older ones can no longer be disputed. */
const LOOKED_AT = 64;

/** What tells one demand from another. */
const keyOf = ({ quote, answerBy }: Demanded): string => `show ${keccak256(quote.quote)} ${answerBy.toString()}`;

/** Shows quotes that are demanded: a node whose quote nobody shows in time ends, and loses its stake. */
export class DemandDuty implements Duty {
  readonly name = "demands";
  readonly every = 60;
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  async look(): Promise<readonly Action[]> {
    const { chain, nodes, alarms } = this.#parts;
    const quotes = nodes.flatMap(({ quotes: folder }) => keptQuotes(folder).slice(-LOOKED_AT));
    if (quotes.length === 0) return [];
    const read: Read<Demanded[]> = async ({ quorumVerifier }, { number }) => {
      const at = { blockTag: number };
      const found = await Promise.all(
        quotes.map(async ({ quote }): Promise<Demanded[]> => {
          const hash = keccak256(quote.quote);
          const { demander, demandedAt } = await quorumVerifier.getDemand(quote.registry, hash, quote.reportData, at);
          return demandedAt === 0n ? [] : [{ quote, demander, answerBy: demandedAt + ANSWER_PERIOD }];
        }),
      );
      return found.flat();
    };
    const open = await saidByAny(chain, "which quotes are demanded", read, keyOf);
    const about = new Set(open.map(({ quote }) => `node ${quote.nodeId.toString()}`));
    for (const { id } of nodes) {
      if (!about.has(`node ${id.toString()}`)) alarms.clear("quote-demanded", `node ${id.toString()}`);
    }
    return open.map((demanded) => this.#showing(demanded));
  }

  #showing(demanded: Demanded): Action {
    const { quote, demander, answerBy } = demanded;
    const { alarms } = this.#parts;
    const { nodeId, registry, reportData } = quote;
    const hash = keccak256(quote.quote);
    const reason = `${demander} demands it, and it is to be shown by ${formatTime(answerBy)}`;
    alarms.raise({
      code: "quote-demanded",
      severity: "critical",
      about: `node ${nodeId.toString()}`,
      problem: `The quote ${hash} is demanded: ${reason}`,
      remedy: "The service shows it by itself; should this stay, run `node show-quote` by hand in time.",
    });
    const key = keyOf(demanded);
    const what = `show the quote ${hash} of node ${nodeId.toString()}`;
    const act = async (): Promise<void> => {
      const { quorumVerifier } = callsOf(this.#parts.chain.book);
      const transaction = await quorumVerifier.showQuote.populateTransaction(registry, hash, reportData, quote.quote);
      await this.#parts.sender.send({ key, purpose: what, transaction, deadline: Number(answerBy), isUrgent: true });
    };
    return { key, what, reason, isUrgent: true, act };
  }
}
