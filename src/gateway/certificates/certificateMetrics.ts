import { Counter, Gauge, type Registry } from "prom-client";

/** How things stand with the names that are to have a certificate. */
export interface Standing {
  /** Names that have one. */
  readonly held: number;
  /** Names that have none. */
  readonly lacking: number;
  /** Names, with or without one, for which the CA gave none when it was asked last. */
  readonly failing: number;
  /** When the first of them ends, in Unix milliseconds; undefined where there is none. */
  readonly firstEnd: number | undefined;
}

/** What Prometheus reads of certificates. */
export class CertificateMetrics {
  readonly #names: Gauge<"state">;
  readonly #requests: Counter<"outcome">;
  readonly #firstEnd: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#names = new Gauge({
      name: "gateway_certificate_names",
      help: "Names that have a certificate, that lack one, and for which the CA gave none when it was asked last",
      labelNames: ["state"],
      registers,
    });
    this.#requests = new Counter({
      name: "gateway_certificate_requests_total",
      help: "Certificates that the CA was asked for",
      labelNames: ["outcome"],
      registers,
    });
    this.#firstEnd = new Gauge({
      name: "gateway_certificate_first_end_seconds",
      help: "Unix time at which the first certificate ends; 0 where there is none",
      registers,
    });
  }

  /** Counts a certificate that was asked for. */
  asked(outcome: "issued" | "failed"): void {
    this.#requests.inc({ outcome });
  }

  /** Tells how things stand. */
  stand({ held, lacking, failing, firstEnd }: Standing): void {
    for (const [state, count] of Object.entries({ held, lacking, failing })) this.#names.set({ state }, count);
    this.#firstEnd.set(firstEnd === undefined ? 0 : Math.floor(firstEnd / 1000));
  }
}
