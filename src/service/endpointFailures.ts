import type { Logger } from "pino";
import { Counter, type Registry } from "prom-client";

import { Sparingly } from "./sparingly.ts";

/** Logs the failures of a chain's endpoints, each kind once a minute, by their places in the configuration: their addresses may hold keys. */
export function endpointLog(log: Logger): (endpoint: number, reason: string) => void {
  const sparingly = new Sparingly();
  return (endpoint, reason) => {
    // What differs in numbers alone, such as seconds, is the same.
    sparingly.say(`${String(endpoint)} ${reason.replace(/\d+/g, "")}`, (unsaid) => {
      log.warn({ endpoint, reason, unsaid }, "an endpoint of the chain was passed over");
    });
  };
}

/** Logs and counts the failures of a chain's endpoints. */
export function endpointFailures(registry: Registry, log: Logger): (endpoint: number, reason: string) => void {
  const failures = new Counter({
    name: "computing_power_chain_endpoint_failures_total",
    help: "Times that an endpoint of the chain did not answer or was not believed",
    labelNames: ["endpoint"],
    registers: [registry],
  });
  const tell = endpointLog(log);
  return (endpoint, reason) => {
    failures.inc({ endpoint: String(endpoint) });
    tell(endpoint, reason);
  };
}
