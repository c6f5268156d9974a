import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { SecureContext } from "node:tls";

import type { Logger } from "pino";

import { accountKey } from "./account.ts";
import { CertificateAuthority } from "./authority.ts";
import { CertificateMetrics } from "./certificateMetrics.ts";
import { Certificates } from "./certificates.ts";
import { ChallengeAnswers, ChallengeServer } from "./challenges.ts";
import { CertificateKeeper } from "./keeper.ts";
import type { AcmePolicy } from "./policy.ts";
import { RequestLog } from "./requestLog.ts";
import { wantedNames, type DeployedOrder } from "./wanted.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { DeploymentMachine } from "../deployments/machine.ts";
import type { OrderName } from "../deployments/records.ts";
import type { TrustedProxies } from "../http/addresses.ts";
import type { Metrics } from "../http/metrics.ts";
import type { Domains } from "../proxy/domains.ts";
import type { Database } from "../../service/store/database.ts";
import { InputError } from "../../inputError.ts";

/** What certificates are got with. */
export interface CertificateParts {
  readonly config: GatewayConfig;
  readonly policy: AcmePolicy;
  readonly database: Database;
  readonly machine: Pick<DeploymentMachine, "hosting" | "deployments" | "events">;
  readonly domains: Domains;
  readonly trusted: TrustedProxies;
  readonly metrics: Metrics;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** A text of a file that the configuration names. */
function readText(file: string, field: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError(`${file} cannot be read`, `Correct \`${field}\`.`, { cause });
  }
}

/**
 * The CA that is configured.
 *
 * @param key The key of the account with it, in PEM.
 * @throws {InputError} For an origin without https, or a root that cannot be read.
 */
export function openAuthority(
  { origin }: Pick<GatewayConfig, "origin">,
  { directory, contact, root }: AcmePolicy,
  answers: ChallengeAnswers,
  key: string,
): CertificateAuthority {
  if (!origin.startsWith("https:")) {
    const problem = `\`acme\` gets certificates for https, and \`origin\` is ${origin}`;
    throw new InputError(problem, "Give an origin such as https://node.example, or leave `acme` out.");
  }
  return new CertificateAuthority({
    ...{ directory, contact, answers, accountKey: key },
    root: root === undefined ? undefined : readText(root, "acme.root"),
  });
}

/** Says which names the provider's own certificate is good for, as it is in its file now. */
function coverage({ tls }: GatewayConfig["listen"]): (name: string) => boolean {
  return (name) => {
    if (tls === undefined) return false;
    try {
      return new X509Certificate(readFileSync(tls.cert)).checkHost(name) !== undefined;
    } catch {
      // It is just being written.
      return true;
    }
  };
}

/** The orders whose application is ready, or is being put back. */
function deployedOrders({ hosting, deployments }: CertificateParts["machine"]): readonly DeployedOrder[] {
  return hosting.all().flatMap(({ order, terms, phase }) => {
    const name = { order, terms };
    const deployed = deployments.newestIn("ready", name) ?? deployments.newestIn("applying", name);
    if (deployed === undefined) return [];
    const isRunning = deployed.state === "ready" && (phase === "running" || phase === "ending");
    return [{ ...name, isRunning, services: deployed.application?.services.map((service) => service.name) ?? [] }];
  });
}

/** Gets certificates for the gateway's names, and shows them. */
export class CertificateService {
  readonly #parts: CertificateParts;
  readonly #authority: CertificateAuthority;
  readonly #certificates: Certificates;
  readonly #challenges: ChallengeServer;
  readonly #keeper: CertificateKeeper;

  /** @throws {InputError} Those of {@link openAuthority} and {@link accountKey}. */
  constructor(parts: CertificateParts) {
    const { config, policy, database, machine, domains, trusted, metrics, now, log } = parts;
    const { events } = machine;
    const { origin, applicationsHost, listen } = config;
    this.#parts = parts;
    const answers = new ChallengeAnswers();
    this.#authority = openAuthority(config, policy, answers, accountKey(join(config.data, "acme-account.pem")));
    this.#challenges = new ChallengeServer({ answers, httpsPort: new URL(origin).port, trusted });
    this.#certificates = new Certificates(database);
    const isCovered = coverage(listen);
    const names = {
      ...{ origin, applicationsHost, namesPerOrder: policy.namesPerOrder, isCovered },
      deployed: () => deployedOrders(machine),
      domains: (order: OrderName) => domains.list(order).map(({ domain }) => domain),
    };
    this.#keeper = new CertificateKeeper({
      ...{ certificates: this.#certificates, requests: new RequestLog(database, now), authority: this.#authority },
      ...{ limits: policy.limits, wanted: () => wantedNames(names), notices: [domains.changed, events.notice] },
      ...{ events, metrics: new CertificateMetrics(metrics.registry), now, log },
    });
  }

  /** The certificate of a name; undefined where it has none of its own. */
  find(name: string): SecureContext | undefined {
    return this.#certificates.find(name);
  }

  /**
   * Listens for the CA.
   *
   * @throws {InputError} When the port cannot be listened on.
   */
  async listen(): Promise<AddressInfo> {
    const { config, policy } = this.#parts;
    return this.#challenges.listen(config.listen.host, policy.httpPort);
  }

  /** Works until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#keeper.run(signal);
  }

  async close(): Promise<void> {
    this.#authority.close();
    await this.#challenges.close();
  }
}
