import { join } from "node:path";

import type { Logger } from "pino";

import { applicationHost, applicationPath } from "./access/links.ts";
import { checkSignature } from "./access/signatures.ts";
import type { NodeView } from "./chain/node.ts";
import { bytesOf } from "./config/bytes.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { readSecret } from "../service/config/secret.ts";
import { Collector } from "./deployments/collector.ts";
import { Eviction } from "./deployments/eviction.ts";
import { runImagePruning } from "./deployments/imagePruning.ts";
import { Lifecycle } from "./deployments/lifecycle.ts";
import { LogStore } from "./deployments/logStore.ts";
import { DeploymentMachine } from "./deployments/machine.ts";
import { runOutbox } from "../service/outbox.ts";
import { deployDigest, signReceipt, type Place } from "./deployments/receipts.ts";
import type { OrderName } from "./deployments/records.ts";
import { runRetention } from "./deployments/retention.ts";
import type { DiskRoom } from "./diskRoom.ts";
import type { EnclaveHost } from "../enclave/host.ts";
import { fetchManifest } from "./fetch/fetchManifest.ts";
import { capacityOf } from "./manifest/capacity.ts";
import { readManifest } from "./manifest/checkManifest.ts";
import { resolveImages } from "./manifest/images.ts";
import { runSampler } from "./metering/sampler.ts";
import { UsageStore } from "./metering/usageStore.ts";
import type { Application } from "./orchestrator/application.ts";
import type { Orchestrator, Usage } from "./orchestrator/orchestrator.ts";
import { SecretOpener } from "./secrets/opening.ts";
import { SealedSecrets } from "./secrets/sealedSecrets.ts";
import type { Domains } from "./proxy/domains.ts";
import type { Database } from "../service/store/database.ts";
import type { Chain, Environment } from "./surroundings.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { InputError } from "../inputError.ts";

/** What applications are hosted with. */
export interface HostingParts {
  readonly config: GatewayConfig;
  readonly environment: Environment;
  readonly chain: Chain;
  readonly node: NodeView;
  readonly database: Database;
  readonly orchestrator: Orchestrator;
  readonly enclave: EnclaveHost | undefined;
  /** Signs receipts; undefined where the gateway has no key of its provider's. */
  readonly provider: (TypedDataSigner & { getAddress(): Promise<string> }) | undefined;
  readonly place: Place;
  /** That of the data folder. */
  readonly room: DiskRoom;
  /** Users' own domains. */
  readonly domains: Domains;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** What hosts applications. */
export interface Host {
  readonly machine: DeploymentMachine;
  readonly logs: LogStore;
  readonly usage: UsageStore;
  readonly secrets: SealedSecrets;
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** The URLs under which an application's services are reached from outside. */
export function endpointUrls(
  { origin, applicationsHost }: Pick<GatewayConfig, "origin" | "applicationsHost">,
  order: number,
  { services }: Application,
): string[] {
  const { protocol, port } = new URL(origin);
  return services.map(({ name }) =>
    applicationsHost === undefined
      ? `${origin}${applicationPath(order, name)}/`
      : `${protocol}//${applicationHost(order, name, applicationsHost)}${port === "" ? "" : `:${port}`}/`,
  );
}

/**
 * Puts together what hosts applications.
 *
 * @throws {InputError} When the configuration does not say what a unit of the node's model holds.
 */
export function createHost(parts: HostingParts): Host {
  const { config, chain, node, database, orchestrator, enclave, provider, place, domains, room, now, log } = parts;
  const unit = config.units[String(node.model)];
  if (unit === undefined) {
    const problem = `The configuration does not say what a unit of model ${String(node.model)} holds, the model of node ${String(node.id)}`;
    throw new InputError(problem, `Add "${String(node.model)}" to \`units\`.`);
  }
  // Said at the start, not at the first deployment.
  capacityOf(unit, 1);
  const secrets = new SealedSecrets(database, now);
  const { chainId, orderEscrow } = place;
  const opener = new SecretOpener({
    ...{ secrets, open: enclave?.openSecret, chainId: BigInt(chainId), orderEscrow, node: node.id },
  });
  const machine = new DeploymentMachine({
    ...{ database, orchestrator, orders: chain.reader, node: node.id, model: node.model, now, log, secrets: opener },
    fetchManifest: async (url, sha256, signal) =>
      fetchManifest(url, { sha256, signal, allowLoopback: config.fetch.allowLoopback }),
    checkManifest: (manifest, { units }) => readManifest(manifest, { capacity: capacityOf(unit, units) }),
    resolveImages: async (application) => {
      const budget = { left: bytesOf("disk.images", config.disk.images) };
      return (await resolveImages(application, async (image) => orchestrator.resolveImage(image, budget))).application;
    },
    diskOf: (units) => capacityOf(unit, units).disk,
    hasRoom: async () => (await room.has()) && (await orchestrator.hasRoom()),
    endpointUrls: (order, application) => endpointUrls(config, order, application),
    signReceipt: provider === undefined ? undefined : async (content) => signReceipt(provider, place, content),
    checkSignature: async (account, digest, signature) => {
      await checkSignature(chain.reader, account, digest, signature, "the request to deploy", () => true);
    },
    requestDigest: (request) => deployDigest(place, request),
    forget: (name) => {
      domains.forget(name);
    },
    hasWebhook: config.webhook !== undefined,
  });
  const logs = new LogStore(database, machine.hosting);
  const usage = new UsageStore(database);
  return { machine, logs, usage, secrets, run: async (signal) => runHost(parts, { machine, logs, usage }, signal) };
}

/** Everything that goes on by itself, until the signal aborts. */
async function runHost(
  { config, environment, database, orchestrator, now, log }: HostingParts,
  { machine, logs, usage }: Pick<Host, "machine" | "logs" | "usage">,
  signal: AbortSignal,
): Promise<void> {
  const running = () => machine.hosting.all().filter(({ phase }) => phase === "running" || phase === "ending");
  const { webhook, grace } = config;
  const eviction = new Eviction(machine);
  const sampled = (name: OrderName, { disk }: Usage): void => void eviction.judge(name, disk);
  await Promise.all([
    machine.run(signal),
    new Lifecycle(machine, { grace }).run(signal),
    new Collector(machine, logs).run(signal),
    runSampler({ orchestrator, usage, sampled, running, now, log }, signal),
    runRetention(machine, signal),
    runImagePruning(machine, signal),
    ...(webhook === undefined
      ? []
      : [
          runOutbox(
            {
              ...{ database, now, log, notice: machine.events.notice, send: fetch },
              webhook: {
                url: webhook.url,
                secret: Buffer.from(readSecret("webhook.secret", webhook.secret, environment).reveal()),
              },
            },
            signal,
          ),
        ]),
  ]);
}

/** Where the gateway keeps its database. */
export const databaseFile = ({ data }: Pick<GatewayConfig, "data">): string => join(data, "gateway.sqlite");
