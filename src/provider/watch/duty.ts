import { accountAlarms, priceAlarms } from "./accountAlarms.ts";
import { askEnclave } from "./askEnclave.ts";
import { DueTimes } from "./due.ts";
import { watchEpochs } from "./missed.ts";
import { nodeAlarms } from "./nodeAlarms.ts";
import { isKept } from "../../documents/keptQuotes.ts";
import type { Alarm } from "../../service/alarms.ts";
import { clockAlarms } from "../../service/clockAlarms.ts";
import type { Action, Duty } from "../duty.ts";
import { OrderBook, type OrderView } from "../orders/book.ts";
import type { ProviderParts } from "../parts.ts";
import { readView, type ProviderView } from "../view.ts";

/** Says what is wrong, and when it is well again. */
export class WatchDuty implements Duty {
  readonly name = "watch";
  readonly every = 30;
  readonly #parts: ProviderParts;
  readonly #orders: OrderBook;
  readonly #due: DueTimes;
  #blockMilliseconds: bigint | undefined;
  #raised = new Map<string, Pick<Alarm, "code" | "about">>();

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    const { database, nodes, config } = parts;
    const ids = nodes.map(({ id }) => id);
    this.#orders = new OrderBook(database, ids, config.chain.confirmations);
    this.#due = new DueTimes(database);
    // What stood when the service last ended is cleared as soon as it is found well.
    for (const { code, about } of parts.alarms.standing()) {
      if (WATCHED.has(code)) this.#raised.set(`${code} ${about}`, { code, about });
    }
  }

  async look(): Promise<readonly Action[]> {
    const { chain, config, database, nodes, provider, alarms } = this.#parts;
    const nodeIds = nodes.map(({ id }) => id);
    this.#blockMilliseconds ??= await chain.readAgreed("the time between blocks", async ({ challengeManager }) =>
      challengeManager.blockMilliseconds(),
    );
    await this.#orders.sync(chain);
    const { view, orders } = await chain.readAgreed("the nodes", async (protocol, block) => {
      const [seen, own] = await Promise.all([
        readView(protocol, block, { provider, nodeIds }),
        this.#orders.read(protocol, block),
      ]);
      return { view: seen, orders: own };
    });
    this.#show(await this.#find(view, orders));
    this.#due.saw(view, orders, config.proofs.proveIdle);
    const { confirmations } = config.chain;
    for (const missed of await watchEpochs(chain, database, { nodeIds, confirmations, due: this.#due }))
      alarms.tell(missed);
    return [];
  }

  async #find(view: ProviderView, orders: readonly OrderView[]): Promise<Alarm[]> {
    const { config, nodes, provider, clock } = this.#parts;
    const { renewBefore, by } = config.attestation;
    const ofNodes = await Promise.all(
      view.nodes.map(async (node) => {
        const own = nodes.find(({ id }) => id === node.id);
        if (own === undefined) return [];
        const quotes = { folder: own.quotes, hasNewest: isKept(own.quotes, node.attestations) };
        const facts = { enclave: await askEnclave(own), quotes, renewBefore, by };
        const found = nodeAlarms(node, view, provider, facts);
        return [...found, ...priceAlarms(node, orders, view.decimals)];
      }),
    );
    const clockOff = clockAlarms(clock.ahead, Number(this.#blockMilliseconds ?? 0n));
    return [...ofNodes.flat(), ...accountAlarms(view, config), ...clockOff];
  }

  /** Raises what is found, and clears what was and is no more. */
  #show(found: readonly Alarm[]): void {
    const { alarms } = this.#parts;
    const now = new Map(found.map((alarm) => [`${alarm.code} ${alarm.about}`, alarm]));
    for (const [key, { code, about }] of this.#raised) if (!now.has(key)) alarms.clear(code, about);
    for (const alarm of found) alarms.raise(alarm);
    this.#raised = now;
  }
}

/** The alarms that this duty raises. */
const WATCHED = new Set([
  ...["not-the-provider", "node-ended", "takeover-open", "node-suspended", "never-attested", "attestation-expiring"],
  ...["verifier-too-weak", "quote-lost"],
  ...[
    "enclave-gone",
    "enclave-key-changed",
    "node-not-open",
    "low-coins",
    "low-stake",
    "clock-off",
    "price-out-of-line",
  ],
]);
