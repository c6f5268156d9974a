import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import { hasRecord, parseDomain, recordOf, type ResolveTexts } from "./domainRecord.ts";
import { Notice } from "../../service/notice.ts";
import type { OrderName } from "../deployments/records.ts";
import { Problem } from "../problems/problem.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text, type Row } from "../../service/store/rows.ts";

/** Domains that one order may have. */
const MOST = 10;
/** Milliseconds between two looks at a domain's record. */
const LOOK_EVERY = 3_600_000;
/** Looks in a row without a record after which a domain leads nowhere any more. */
const MISSES = 3;

/** A domain, and the service of an order that it leads to. */
export interface OwnDomain extends OrderName {
  readonly domain: string;
  readonly service: string;
  /** Looks in a row that have not found its record. */
  readonly misses: number;
}

/** What domains are kept with. */
export interface DomainOptions {
  readonly database: Database;
  /** The gateway's node, which records name. */
  readonly node: number;
  /** Hosts that are the gateway's own, with everything below them. */
  readonly reserved: readonly string[];
  readonly resolve: ResolveTexts;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const domainOf = (row: Row): OwnDomain => ({
  domain: text(row, "domain"),
  order: number(row, "order_id"),
  terms: text(row, "terms"),
  service: text(row, "service"),
  misses: number(row, "misses"),
});

/**
 * Users' own domains. Whose a domain is, its DNS says: a TXT record `_computing-power.<domain>` with `node=1 order=7`. It is looked for before
 * the domain leads anywhere, and again every hour; a domain whose record is gone three times in a row leads nowhere. Name servers that do not
 * answer change nothing.
 */
export class Domains {
  readonly #options: DomainOptions;
  readonly #known = new Map<string, OwnDomain>();
  /** Given when a domain leads somewhere else than before. */
  readonly changed = new Notice();

  constructor(options: DomainOptions) {
    this.#options = options;
    for (const row of options.database.all("SELECT * FROM own_domain")) this.#remember(domainOf(row));
  }

  /** The service that a host leads to, if it is a user's domain. */
  find(host: string): OwnDomain | undefined {
    return this.#known.get(host);
  }

  /** An order's domains, by name. */
  list({ order, terms }: OrderName): readonly OwnDomain[] {
    return [...this.#known.values()]
      .filter((each) => each.order === order && each.terms === terms)
      .sort((a, b) => (a.domain < b.domain ? -1 : 1));
  }

  /**
   * Has a domain lead to a service, once its record was found. One that led to another order leads there no more: its owner has said so.
   *
   * @returns The domain as DNS has it.
   * @throws {Problem} `domain-refused`, `domain-not-proven`, which says what the record has to be, or `domain-unresolved`.
   */
  async put(name: OrderName, domain: string, service: string): Promise<string> {
    const { node, reserved, resolve } = this.#options;
    const parsed = parseDomain(domain, reserved);
    const claim = { domain: parsed, node, order: name.order };
    if (!(await hasRecord(claim, resolve))) {
      const record = recordOf(claim);
      throw new Problem("domain-not-proven", `There is no TXT record ${record.name} with the text "${record.text}"`);
    }
    const others = this.list(name).filter((each) => each.domain !== parsed);
    if (others.length >= MOST)
      throw new Problem("domain-refused", `The order has ${String(MOST)} domains, which is all it may have`);
    this.#write({ order: name.order, terms: name.terms, domain: parsed, service, misses: 0 });
    return parsed;
  }

  /** Has a domain of an order lead nowhere; another order's stays. */
  remove({ order, terms }: OrderName, domain: string): void {
    const known = this.#known.get(parseDomain(domain, []));
    if (known?.order === order && known.terms === terms) this.#delete(known.domain);
  }

  /** Has all domains of an order lead nowhere. */
  forget(name: OrderName): void {
    for (const { domain } of this.list(name)) this.#delete(domain);
  }

  /** Looks again at the records that have not been looked at for an hour, one after another. */
  async recheck(signal: AbortSignal): Promise<void> {
    const before = this.#options.now() - LOOK_EVERY;
    const due = "SELECT * FROM own_domain WHERE looked_at <= ? ORDER BY looked_at";
    for (const row of this.#options.database.all(due, before)) {
      if (signal.aborted) return;
      await this.#look(domainOf(row));
    }
  }

  async #look(seen: OwnDomain): Promise<void> {
    const { node, resolve } = this.#options;
    let isThere: boolean;
    try {
      isThere = await hasRecord({ domain: seen.domain, node, order: seen.order }, resolve);
    } catch (error) {
      if (error instanceof Problem) return;
      throw error;
    }
    const known = this.#known.get(seen.domain);
    // What changed while DNS was asked was proven by a newer look.
    if (known?.order !== seen.order || known.terms !== seen.terms) return;
    const misses = isThere ? 0 : known.misses + 1;
    if (misses >= MISSES) this.#delete(known.domain);
    else this.#write({ ...known, misses });
  }

  #write({ domain, order, terms, service, misses }: OwnDomain): void {
    const { database, now } = this.#options;
    const columns = "domain, order_id, terms, service, looked_at, misses";
    const insert = `INSERT OR REPLACE INTO own_domain (${columns}) VALUES (?, ?, ?, ?, ?, ?)`;
    database.run(insert, domain, order, terms, service, now(), misses);
    this.#remember({ domain, order, terms, service, misses });
    this.changed.give();
  }

  #remember(domain: OwnDomain): void {
    this.#known.set(domain.domain, domain);
  }

  #delete(domain: string): void {
    this.#options.database.run("DELETE FROM own_domain WHERE domain = ?", domain);
    this.#known.delete(domain);
    this.changed.give();
  }
}

/** Looks at the records of domains until the signal aborts. Never fails. */
export async function runDomains(domains: Domains, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await domains.recheck(signal);
    } catch (error) {
      log.warn({ err: error }, "users' domains cannot be looked at now");
    }
    // Being told to stop is no failure.
    await pause(LOOK_EVERY / 6, undefined, { signal }).catch(() => undefined);
  }
}
