import { orderText, WEEK, type PlacedRequest } from "./schedule.ts";
import type { WantedName } from "./wanted.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

function requestOf(row: Row): PlacedRequest {
  const order = optional(number, row, "order_id");
  const terms = optional(text, row, "terms");
  return {
    name: text(row, "name"),
    order: order === undefined || terms === undefined ? undefined : orderText({ order, terms }),
    isHost: number(row, "is_host") === 1,
    at: number(row, "at"),
    outcome: text(row, "outcome") as PlacedRequest["outcome"],
    retryAt: number(row, "retry_at"),
  };
}

/** What was asked of the CA in the last week. It is written down before it is asked, so that no crash makes the gateway ask again and again. */
export class RequestLog {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    [this.#database, this.#now] = [database, now];
  }

  /** The requests of the last week, oldest first. */
  all(): readonly PlacedRequest[] {
    const statement = "SELECT * FROM certificate_request WHERE at > ? ORDER BY at, id";
    return this.#database.all(statement, this.#now() - WEEK).map(requestOf);
  }

  /** Notes that a certificate is asked for now; the number by which it is noted how that ended. */
  begin({ name, order, isHost }: WantedName): number {
    this.#database.run("DELETE FROM certificate_request WHERE at <= ?", this.#now() - WEEK);
    const columns = "name, order_id, terms, is_host, at, outcome, retry_at";
    const row = this.#database.get(
      `INSERT INTO certificate_request (${columns}) VALUES (?, ?, ?, ?, ?, 'asked', 0) RETURNING id`,
      ...[name, order?.order ?? null, order?.terms ?? null, isHost ? 1 : 0, this.#now()],
    );
    return number(row ?? {}, "id");
  }

  /**
   * Notes how a request ended.
   *
   * @param retryAt Unix milliseconds before which the CA does not want to be asked again; 0 for none.
   */
  end(id: number, outcome: "issued" | "failed", retryAt = 0): void {
    const statement = "UPDATE certificate_request SET outcome = ?, retry_at = ? WHERE id = ?";
    this.#database.run(statement, outcome, retryAt, id);
  }
}
