import type { AddressInfo } from "node:net";

import type { Logger } from "pino";

import { createAccess, type AccessControl } from "./access/access.ts";
import { checkSignature } from "./access/signatures.ts";
import { assembleApi } from "./assembleApi.ts";
import { assembleDoor } from "./assembleDoor.ts";
import type { CertificateParts, CertificateService } from "./certificates/service.ts";
import { GuardedReader } from "./chain/guardedReader.ts";
import { bytesOf } from "./config/bytes.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { readSecret } from "../service/config/secret.ts";
import { Hosting } from "./deployments/hosting.ts";
import { DiskRoom } from "./diskRoom.ts";
import { createHost, databaseFile } from "./host.ts";
import { TrustedProxies } from "./http/addresses.ts";
import { Limits } from "./http/limits.ts";
import { Metrics } from "./http/metrics.ts";
import { createApiServer } from "./http/server.ts";
import { watched } from "./orchestrator/watched.ts";
import { systemTexts } from "./proxy/domainRecord.ts";
import { Domains, runDomains } from "./proxy/domains.ts";
import { Endpoints } from "./proxy/endpoints.ts";
import { openDatabase } from "./store/database.ts";
import type { Database } from "../service/store/database.ts";
import {
  gatewayName,
  openChain,
  openEnclave,
  openOrchestrator,
  readOwnNode,
  readProvider,
  type Chain,
  type Environment,
} from "./surroundings.ts";
import { createTransfer } from "./transfer/transfer.ts";
import { inBackground } from "../service/background.ts";
import { endpointLog } from "../service/endpointFailures.ts";
import { Opened } from "../service/opened.ts";

/** How a gateway is started. */
export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly environment: Environment;
  readonly log: Logger;
  /** Version of this software. */
  readonly version: string;
  /** Unix milliseconds; the system's clock by default. */
  readonly now?: () => number;
}

/** A gateway that runs. */
export interface Gateway {
  /** Where it listens. */
  readonly address: AddressInfo;
  /** Takes no more requests, finishes what is under way, and ends. Applications keep running. */
  close(): Promise<void>;
}

/**
 * Starts a gateway: opens the chain, the database and the container engine, goes on with what was under way, and listens.
 *
 * @throws {InputError} For a configuration that does not fit the chain or the machine.
 * @throws {Problem} `chain-unreachable`.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const opened = new Opened();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(
  { config, environment, log, version, now = Date.now }: GatewayOptions,
  opened: Opened,
): Promise<Gateway> {
  const metrics = new Metrics();
  const passedOver = endpointLog(log);
  const chain = opened.add(
    openChain(config, now, (endpoint, reason) => {
      metrics.passedOver(endpoint);
      passedOver(endpoint, reason);
    }),
    (each) => {
      each.close();
    },
  );
  const node = await readOwnNode(chain, config.node);
  const provider = readProvider(config, environment, node.provider);
  const database = opened.add(openDatabase(databaseFile(config)), (each) => {
    each.close();
  });
  const gateway = gatewayName(chain.book, config.node);
  const engine = opened.add(await openOrchestrator(config, gateway, log), async (each) => each.close());
  const endpoints = new Endpoints(async (order) => engine.endpoints(order), now);
  const orchestrator = watched(engine, endpoints);
  const enclave = openEnclave(config, log);
  if (enclave !== undefined) opened.add(enclave, async (each) => each.close());
  const limits = new Limits(config.limits, now);
  const spend = (): void => {
    limits.take("strangers", "all");
  };
  const orders = new Hosting(database).all().map(({ order }) => order);
  const reader = new GuardedReader({ reader: chain.reader, node: config.node, orders, spend, now });
  const access = openAccess({ config, environment, chain, reader, database, now });
  const { chainId, orderEscrow } = access.audience;
  const place = { chainId, orderEscrow, node: config.node, gateway: config.origin };
  const room = new DiskRoom(async () => Promise.resolve(config.data), {
    reserve: bytesOf("disk.reserve", config.disk.reserve),
  });
  const shared = { config, environment, chain, node, database, orchestrator, enclave, provider, now, log };
  const domains = openDomains(config, database, now);
  const host = createHost({ ...shared, place, domains, room });
  const taskEnclave = config.tasks === undefined ? undefined : openEnclave(config, log);
  if (taskEnclave !== undefined) opened.add(taskEnclave, async (each) => each.close());
  const transfer = await createTransfer({
    ...{ config, book: chain.book, protocol: chain.protocol, reader: chain.reader, providers: chain.providers },
    ...{ enclave: taskEnclave, provider, now, log, database, room },
    decimals: async () => chain.decimals(),
    place: { domain: access.audience.domain, node: config.node, gateway: config.origin },
    check: async (...signed) => checkSignature(reader, ...signed),
    spend,
  });
  opened.add(transfer, async (each) => each.close());
  const { hosting } = host.machine;
  const closing = new AbortController();
  const trusted = new TrustedProxies(config.listen.trustedProxies);
  const api = await assembleApi({
    ...{ ...shared, version, access, host, transfer, domains, trusted, limits, metrics, closing: closing.signal },
  });
  const door = opened.add(
    assembleDoor({ config, access, endpoints, hosting, domains, trusted, limits, metrics, now, log }),
    (each) => {
      each.close();
    },
  );
  const certificates = await openCertificates({
    ...{ config, database, machine: host.machine, domains, trusted, metrics, now, log },
  });
  if (certificates !== undefined) opened.add(certificates, async (each) => each.close());
  const { tls } = config.listen;
  const server = createApiServer({ api, logger: log, tls, certificates, front: door, trusted, closing });
  const work = async (signal: AbortSignal): Promise<unknown> =>
    Promise.all([
      ...[host, transfer, certificates].map(async (each) => each?.run(signal)),
      runDomains(domains, log, signal),
    ]);
  opened.add(inBackground(work, log), async (each) => each.stop());
  const address = await server.listen(config.listen.host, config.listen.port);
  opened.add(server, async (each) => each.close());
  log.info(
    { address, origin: config.origin, node: config.node, orchestrator: orchestrator.kind },
    "the gateway serves",
  );
  return { address, close: async () => opened.close() };
}

/** Begins to listen for the CA, where one is configured. */
async function openCertificates(parts: Omit<CertificateParts, "policy">): Promise<CertificateService | undefined> {
  const { acme } = parts.config;
  if (acme === undefined) return undefined;
  const { CertificateService: Service } = await import("./certificates/service.ts");
  const service = new Service({ ...parts, policy: acme });
  const address = await service.listen();
  parts.log.info({ address, directory: acme.directory }, "the gateway gets certificates by itself");
  return service;
}

interface AccessParts extends Pick<GatewayOptions, "config" | "environment"> {
  readonly chain: Chain;
  readonly reader: GuardedReader;
  readonly database: Database;
  readonly now: () => number;
}

function openAccess({ config, environment, chain, reader, database, now }: AccessParts): AccessControl {
  const { operatorToken, applicationsHost, data: folder, node, origin } = config;
  const { chainId, contracts } = chain.book;
  return createAccess({
    ...{ database, reader, folder, applicationsHost, now },
    audience: { chainId, orderEscrow: contracts.orderEscrow, node, gateway: origin },
    operatorToken: operatorToken && readSecret("operatorToken", operatorToken, environment),
  });
}

function openDomains(
  { node, origin, applicationsHost }: GatewayConfig,
  database: Database,
  now: () => number,
): Domains {
  const own = [new URL(origin).hostname, "localhost", ...(applicationsHost === undefined ? [] : [applicationsHost])];
  return new Domains({ database, node, reserved: own.map((host) => host.toLowerCase()), resolve: systemTexts(), now });
}
