import { keccak256 } from "ethers";

import { parseForm } from "../../documents/parse.ts";
import { quoteDocument, type QuoteDocument } from "../../documents/nodes.ts";
import { toJson } from "../../json.ts";
import { waitAfter } from "../../service/backoff.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/** How far this validator is with a quote. */
export type QuoteState = "waiting" | "signed" | "refused";

/** A quote as it is kept. */
export interface KeptQuote {
  readonly document: QuoteDocument;
  readonly state: QuoteState;
  readonly reason: string | undefined;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly attempts: number;
}

/** So many quotes of one node, and of all, are kept at once: of those that are not signed the oldest go first. */
const [MOST_OF_NODE, MOST] = [8, 4_000] as const;
/** Milliseconds for which quotes are kept: signed ones as long as they can be disputed, others until their registration has lapsed. */
const LIFE: Readonly<Record<QuoteState, number>> = {
  waiting: 2 * 86_400_000,
  refused: 2 * 86_400_000,
  signed: 120 * 86_400_000,
};

const keptOf = (row: Row): KeptQuote => ({
  document: parseForm(text(row, "document"), quoteDocument, "a kept quote", "a quote"),
  state: text(row, "state") as QuoteState,
  reason: optional(text, row, "reason"),
  receivedAt: number(row, "received_at"),
  attempts: number(row, "attempts"),
});

/** Quotes that were brought to this validator. */
export class QuoteStore {
  readonly #database: Database;
  readonly #now: () => number;
  #lookedAt = 0;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    [this.#database, this.#now] = [database, now];
  }

  find(reportData: string): KeptQuote | undefined {
    const row = this.#database.get("SELECT * FROM quotes WHERE report_data = ?", reportData.toLowerCase());
    return row && keptOf(row);
  }

  /** Keeps a quote that waits to be judged, in the place of another of the same report data that is not signed. */
  add(document: QuoteDocument): void {
    this.#database.transaction(() => {
      const [key, node] = [document.reportData.toLowerCase(), document.nodeId.toString()];
      this.#database.run("DELETE FROM quotes WHERE report_data = ? AND state <> 'signed'", key);
      const added = this.#database.run(
        "INSERT INTO quotes (report_data, node, document, state, received_at) VALUES (?, ?, ?, 'waiting', ?) ON CONFLICT DO NOTHING",
        ...([key, node, toJson(document, 0), this.#now()] as const),
      );
      if (added === 1) this.#makeRoom(node);
    });
  }

  #makeRoom(node: string): void {
    const oldest = "SELECT report_data FROM quotes WHERE state IN ('waiting', 'refused')";
    const rest = "ORDER BY received_at DESC, report_data LIMIT -1 OFFSET ?";
    this.#database.run(
      `DELETE FROM quotes WHERE report_data IN (${oldest} AND node = ? ${rest})`,
      ...([node, MOST_OF_NODE] as const),
    );
    this.#database.run(`DELETE FROM quotes WHERE report_data IN (${oldest} ${rest})`, MOST);
  }

  /** The quotes that are to be judged now, those that came first first. After this machine's clock was set back, all that wait. */
  due(limit: number): KeptQuote[] {
    const now = this.#now();
    if (now < this.#lookedAt) this.#database.run("UPDATE quotes SET next_at = 0 WHERE state = 'waiting'");
    this.#lookedAt = now;
    const statement = "SELECT * FROM quotes WHERE state = 'waiting' AND next_at <= ? ORDER BY received_at LIMIT ?";
    return this.#database.all(statement, now, limit).map(keptOf);
  }

  /** Signed quotes, the newest first. */
  signed(limit: number): KeptQuote[] {
    const statement = "SELECT * FROM quotes WHERE state = 'signed' ORDER BY received_at DESC LIMIT ?";
    return this.#database.all(statement, limit).map(keptOf);
  }

  /** The newest quotes of a node that were brought. */
  ofNode(nodeId: bigint): KeptQuote[] {
    return this.#database
      .all("SELECT * FROM quotes WHERE node = ? ORDER BY received_at DESC LIMIT 32", nodeId.toString())
      .map(keptOf);
  }

  /** A node's quote by its hash, in hex. */
  quoteOf(nodeId: bigint, hash: string): string | undefined {
    return this.ofNode(nodeId)
      .map(({ document }) => document.quote)
      .find((quote) => keccak256(quote) === hash.toLowerCase());
  }

  settle(reportData: string, state: Exclude<QuoteState, "waiting">, reason?: string): void {
    const statement = "UPDATE quotes SET state = ?, reason = ? WHERE report_data = ?";
    this.#database.run(statement, state, reason ?? null, reportData.toLowerCase());
  }

  /** Puts a quote off that cannot be judged now, longer each time unless it is said how many milliseconds. */
  putOff(reportData: string, attempts: number, reason: string, wait = waitAfter(attempts)): void {
    const statement = "UPDATE quotes SET attempts = ?, next_at = ?, reason = ? WHERE report_data = ?";
    this.#database.run(statement, ...([attempts + 1, this.#now() + wait, reason, reportData.toLowerCase()] as const));
  }

  /** Has a quote judged again that was not refused, because others have signed it on other grounds. */
  reconsider(reportData: string): void {
    const statement = "UPDATE quotes SET next_at = 0, state = 'waiting' WHERE report_data = ? AND state <> 'refused'";
    this.#database.run(statement, reportData.toLowerCase());
  }

  prune(): void {
    const now = this.#now();
    for (const [state, life] of Object.entries(LIFE)) {
      this.#database.run("DELETE FROM quotes WHERE state = ? AND received_at < ?", state, now - life);
    }
  }
}
