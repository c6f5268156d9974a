import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** A request that was answered. */
export interface Observation {
  readonly method: string;
  /** The route's pattern, never the address itself: addresses would be labels without end. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** What Prometheus reads, in a registry of the gateway's own: other rooms add theirs to it. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Histogram<"method" | "route" | "status">;
  readonly #refusals: Counter<"endpoint">;
  readonly #streams: Gauge;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.#requests = new Histogram({
      name: "gateway_request_duration_seconds",
      help: "Time from a request to the head of its answer",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#refusals = new Counter({
      name: "gateway_chain_endpoint_failures_total",
      help: "Times that an endpoint of the chain did not answer or was not believed",
      labelNames: ["endpoint"],
      registers,
    });
    this.#streams = new Gauge({
      name: "gateway_event_streams",
      help: "Streams of events and logs that are open",
      registers,
    });
  }

  /** Counts a request. */
  observe({ method, route, status, seconds }: Observation): void {
    const known = METHODS.includes(method) ? method : "other";
    this.#requests.observe({ method: known, route, status: String(status) }, seconds);
  }

  /** Counts a failure of an endpoint of the chain, by its place in the configuration. */
  passedOver(endpoint: number): void {
    this.#refusals.inc({ endpoint: String(endpoint) });
  }

  /** Counts an open stream, or with -1 its end. */
  streams(change: 1 | -1): void {
    this.#streams.inc(change);
  }
}
