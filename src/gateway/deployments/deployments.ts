import type { SignedRequest } from "./parts.ts";
import { deploymentOf, type DeploymentRecord, type DeploymentState, type Failure, type OrderName } from "./records.ts";
import type { Application } from "../orchestrator/application.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";

/** What a step may write with a new state. */
export interface Progress {
  readonly failure?: Failure;
  readonly manifest?: Uint8Array;
  readonly application?: Application;
  readonly revision?: string;
  readonly appliedAt?: number;
}

/** What a new deployment begins with. */
export type NewDeployment = Pick<DeploymentRecord, "order" | "terms" | "account" | "units" | "url" | "sha256" | "request" | "mayUseSecrets">;

/** A request that was accepted. */
export interface AcceptedRequest {
  /** EIP-712 hash. */
  readonly request: string;
  readonly deployment: number;
}

const WORKING = "('queued', 'fetching', 'checking', 'applying', 'removing')";

/** The deployments in the database. */
export class Deployments {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  find(id: number): DeploymentRecord | undefined {
    const row = this.#database.get("SELECT * FROM deployment WHERE id = ?", id);
    return row === undefined ? undefined : deploymentOf(row);
  }

  /** The newest deployment of an order. */
  newest({ order, terms }: OrderName): DeploymentRecord | undefined {
    const statement = "SELECT * FROM deployment WHERE order_id = ? AND terms = ? ORDER BY id DESC LIMIT 1";
    const row = this.#database.get(statement, order, terms);
    return row === undefined ? undefined : deploymentOf(row);
  }

  /** The newest deployment of an order that the driver has taken, whatever became of it. */
  newestApplied({ order, terms }: OrderName): DeploymentRecord | undefined {
    const statement =
      "SELECT * FROM deployment WHERE order_id = ? AND terms = ? AND applied_at IS NOT NULL ORDER BY id DESC LIMIT 1";
    const row = this.#database.get(statement, order, terms);
    return row === undefined ? undefined : deploymentOf(row);
  }

  /** The newest deployment of an order that is in a state. */
  newestIn(state: DeploymentState, { order, terms }: OrderName): DeploymentRecord | undefined {
    const statement =
      "SELECT * FROM deployment WHERE order_id = ? AND terms = ? AND state = ? ORDER BY id DESC LIMIT 1";
    const row = this.#database.get(statement, order, terms, state);
    return row === undefined ? undefined : deploymentOf(row);
  }

  /** The next one of an order that something has to be done for: removals come before what was asked for after them. */
  nextWork(order: number): DeploymentRecord | undefined {
    const statement = `SELECT * FROM deployment WHERE order_id = ? AND state IN ${WORKING} ORDER BY id LIMIT 1`;
    const row = this.#database.get(statement, order);
    return row === undefined ? undefined : deploymentOf(row);
  }

  /** Orders for which something has to be done, and when, in Unix milliseconds. */
  work(): { readonly order: number; readonly at: number }[] {
    const statement = `SELECT order_id, min(id), next_at FROM deployment WHERE state IN ${WORKING} GROUP BY order_id`;
    return this.#database.all(statement).map((row) => ({ order: number(row, "order_id"), at: number(row, "next_at") }));
  }

  /** The request of an order that had a nonce. */
  requestWith({ order, terms }: OrderName, nonce: string): AcceptedRequest | undefined {
    const statement = "SELECT * FROM deploy_request WHERE order_id = ? AND terms = ? AND nonce = ?";
    const row = this.#database.get(statement, order, terms, nonce);
    return row === undefined ? undefined : { request: text(row, "request"), deployment: number(row, "deployment") };
  }

  /** Keeps a request, so that its nonce counts once. */
  keepRequest({ order, terms, nonce, until }: SignedRequest, { request, deployment }: AcceptedRequest): void {
    const statement =
      "INSERT INTO deploy_request (order_id, terms, nonce, request, deployment, until) VALUES (?, ?, ?, ?, ?, ?)";
    this.#database.run(statement, order, terms, nonce, request, deployment, until);
  }

  /** The applications that run or may have to run again, of all orders. */
  applications(): Application[] {
    const statement =
      "SELECT application FROM deployment WHERE state IN ('applying', 'ready') AND application IS NOT NULL";
    return this.#database.all(statement).map((row) => JSON.parse(text(row, "application")) as Application);
  }

  /** Adds a deployment, queued. */
  insert({ order, terms, account, units, url, sha256, request, mayUseSecrets }: NewDeployment): number {
    const now = this.#now();
    const row = this.#database.get(
      `INSERT INTO deployment (order_id, terms, account, units, url, sha256, request, state, created_at, changed_at,
       may_use_secrets) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?) RETURNING id`,
      ...[order, terms, account, units, url, sha256, request, now, now, Number(mayUseSecrets)],
    );
    return number(row ?? {}, "id");
  }

  /**
   * Brings a deployment from one state to another, unless something else has done so meanwhile.
   *
   * @returns Whether it was in the first state.
   */
  move(id: number, from: DeploymentState, to: DeploymentState, progress: Progress = {}): boolean {
    const { failure, manifest, application, revision, appliedAt } = progress;
    return (
      this.#database.run(
        `UPDATE deployment SET state = ?, changed_at = ?, attempts = 0, next_at = 0, problem = ?,
         manifest = coalesce(?, manifest), application = coalesce(?, application),
         revision = coalesce(?, revision), applied_at = coalesce(?, applied_at) WHERE id = ? AND state = ?`,
        to,
        this.#now(),
        failure === undefined ? null : JSON.stringify(failure),
        manifest ?? null,
        application === undefined ? null : JSON.stringify(application),
        revision ?? null,
        appliedAt ?? null,
        id,
        from,
      ) === 1
    );
  }

  /** Notes what a step has come to without leaving its state. */
  note(id: number, state: DeploymentState, { revision, appliedAt }: { revision: string; appliedAt: number }): boolean {
    const statement = `UPDATE deployment SET revision = ?, applied_at = ?, attempts = 0, next_at = 0, problem = NULL
      WHERE id = ? AND state = ?`;
    return this.#database.run(statement, revision, appliedAt, id, state) === 1;
  }

  /** Has a step tried again at a time, in Unix milliseconds. */
  retry(id: number, state: DeploymentState, nextAt: number, failure: Failure): void {
    this.#database.run(
      "UPDATE deployment SET attempts = attempts + 1, next_at = ?, problem = ? WHERE id = ? AND state = ?",
      ...[nextAt, JSON.stringify(failure), id, state],
    );
  }

  /** Has what waits to be tried again tried at once, such as after an order has come back to life. */
  hurry(order: number): void {
    this.#database.run(`UPDATE deployment SET next_at = 0 WHERE order_id = ? AND state IN ${WORKING}`, order);
  }

  /** Has a deployment applied anew: from ready, or after it was replaced by one that failed. */
  applyAgain(id: number, from: DeploymentState): boolean {
    const statement = `UPDATE deployment SET state = 'applying', changed_at = ?, attempts = 0, next_at = 0,
      problem = NULL, applied_at = NULL WHERE id = ? AND state = ?`;
    return this.#database.run(statement, this.#now(), id, from) === 1;
  }

  /** Has an order's application removed on behalf of one of its deployments. */
  remove(id: number, keepVolumes: boolean): void {
    this.#database.run(
      `UPDATE deployment SET state = 'removing', keep_volumes = ?, changed_at = ?, attempts = 0, next_at = 0, problem = NULL
       WHERE id = ?`,
      ...[keepVolumes ? 1 : 0, this.#now(), id],
    );
  }

  /** All deployments of an order in one of some states, oldest first. */
  all({ order, terms }: OrderName, states: ReadonlySet<DeploymentState>): DeploymentRecord[] {
    const rows = this.#database.all("SELECT * FROM deployment WHERE order_id = ? AND terms = ? ORDER BY id", order, terms);
    return rows.map(deploymentOf).filter(({ state }) => states.has(state));
  }
}
