import type { IncomingMessage } from "node:http";

import type { Logger } from "pino";

import type { Route } from "./route.ts";
import type { Metrics } from "../http/metrics.ts";
import type { Identity } from "../http/requests.ts";
import { Problem } from "../problems/problem.ts";

/** What visits are told to. */
export interface VisitLog {
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Logs what has failed unforeseen, with whose request it was. */
  readonly failed: (error: unknown, known: object) => void;
}

/** Counted where the client went before it was answered. */
const CLIENT_WENT = 499;

/** One request or WebSocket, from its arrival to its end: what it holds is given back then, and a line is logged. */
export class Visit {
  readonly #log: VisitLog;
  readonly #about: Identity & { readonly route: Route };
  readonly #method: string;
  readonly #startedAt: number;
  #answeredAt: number | undefined;
  #release = (): void => undefined;

  constructor(
    log: VisitLog,
    about: Identity & { readonly route: Route },
    { method = "GET" }: Pick<IncomingMessage, "method">,
  ) {
    this.#log = log;
    this.#about = about;
    this.#method = method;
    this.#startedAt = log.now();
  }

  /** Has something given back at the end. */
  hold(release: () => void): void {
    this.#release = release;
  }

  /** Says that the answer has begun: what comes after, such as events, takes as long as it takes. */
  answered(): void {
    this.#answeredAt ??= this.#log.now();
  }

  /**
   * Ends it. Of the address only order and service are logged: the rest may hold what users call secret.
   *
   * @param status What the client got; undefined where it got nothing.
   */
  end(status: number | undefined, error: unknown): void {
    this.#release();
    const { logger, metrics, now, failed } = this.#log;
    const { route, requestId, clientAddress } = this.#about;
    const endedAt = now();
    const seconds = ((this.#answeredAt ?? endedAt) - this.#startedAt) / 1000;
    metrics?.observe({ method: this.#method, route: "application", status: status ?? CLIENT_WENT, seconds });
    const line = {
      ...{ requestId, client: clientAddress, method: this.#method, route: "application", status },
      ...{ milliseconds: endedAt - this.#startedAt, order: String(route.order), service: route.service },
    };
    if (error !== undefined && !(error instanceof Problem)) failed(error, line);
    logger.info(line, "request");
  }
}
