import { readFile } from "node:fs/promises";

import type { Wallet } from "ethers";
import type { Logger } from "pino";

import type { AccessControl } from "./access/access.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { addDeploymentRoutes } from "./deployments/routes.ts";
import { addStreamRoutes } from "./deployments/streamRoutes.ts";
import type { EnclaveHost } from "../enclave/host.ts";
import type { Host } from "./host.ts";
import type { TrustedProxies } from "./http/addresses.ts";
import { Api } from "./http/api.ts";
import { StreamSlots } from "./http/events.ts";
import type { Limits } from "./http/limits.ts";
import { addMetaRoutes } from "./http/metaRoutes.ts";
import type { Metrics } from "./http/metrics.ts";
import { ReadinessProbe } from "../service/readiness.ts";
import { requestMiddleware } from "./http/requests.ts";
import { marketPage } from "./market/page.ts";
import { addMarketRoutes } from "./market/routes.ts";
import { addMeteringRoutes } from "./metering/routes.ts";
import { followNewestQuote, newestQuoteHash } from "./node/evidence.ts";
import { readNodeView } from "./node/nodeView.ts";
import { readOfferedNode, StandingOffers } from "./node/offers.ts";
import { readProofs } from "./node/proofs.ts";
import { remembered } from "../service/remembered.ts";
import { addNodeRoutes } from "./node/routes.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";
import type { Domains } from "./proxy/domains.ts";
import { addDomainRoutes } from "./proxy/routes.ts";
import { addSecretRoutes } from "./secrets/routes.ts";
import type { Database } from "../service/store/database.ts";
import type { Chain } from "./surroundings.ts";
import type { Transfer } from "./transfer/transfer.ts";
import { domainOf } from "../eip712/domain.ts";

/** What the API is made of. */
export interface ApiParts {
  readonly config: GatewayConfig;
  readonly version: string;
  readonly chain: Chain;
  readonly database: Database;
  readonly orchestrator: Orchestrator;
  readonly enclave: EnclaveHost | undefined;
  readonly access: AccessControl;
  readonly host: Host;
  readonly transfer: Transfer;
  readonly domains: Domains;
  readonly provider: Wallet | undefined;
  readonly trusted: TrustedProxies;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Streams that one order, or one client, may have open at once. */
const STREAMS = 16;
/** Milliseconds for which what was read of the node is told to everybody who asks. */
const NODE_LIFE = 2_000;

/** Makes the API with the routes of all rooms. */
export async function assembleApi(parts: ApiParts): Promise<Api> {
  const { config, access, trusted, limits, metrics, now, log: logger, host, transfer, closing, chain } = parts;
  const isSecure = config.origin.startsWith("https:");
  const api = new Api(access.guard, {
    middleware: requestMiddleware({ trusted, limits, logger, metrics, isSecure, now }),
    limits,
    log: logger,
  });
  access.addRoutes(api);
  addDeploymentRoutes(api, host.machine);
  addStreamRoutes(api, {
    machine: host.machine,
    logs: host.logs,
    streams: { closing, slots: new StreamSlots(STREAMS) },
    rights: { guard: access.guard, now },
  });
  addMeteringRoutes(api, { usage: host.usage, billing: async (order) => chain.reader.billing(order) });
  addSecretRoutes(api, host.secrets);
  await addNode(api, parts);
  transfer.addRoutes(api);
  addDomainRoutes(api, parts.domains);
  const page = marketPage(config, chain.book);
  if (page !== undefined) addMarketRoutes(api, page);
  addMeta(api, parts);
  return api;
}

async function addNode(api: Api, { config, chain, enclave, provider, now }: ApiParts): Promise<void> {
  const { book, protocol } = chain;
  const { node, attestation, offers: policy } = config;
  const { collateral } = attestation;
  const place = {
    ...{ nodeId: node, chainId: book.chainId, escrow: book.contracts.orderEscrow, token: book.contracts.token },
    decimals: await chain.decimals(),
    domain: domainOf("OrderEscrow", BigInt(book.chainId), book.contracts.orderEscrow),
  };
  addNodeRoutes(api, {
    view: remembered(async () => readNodeView(protocol, book, node), NODE_LIFE, now),
    proofs: async (page) => readProofs(protocol, book.fromBlock, node, page),
    quoteHash: followNewestQuote({
      attestations: async () => (await protocol.nodeRegistry.getNode(node)).attestations,
      newest: async () => newestQuoteHash(protocol, book.fromBlock, node),
      now,
    }),
    quotes: attestation.quotes,
    collateral: collateral === undefined ? undefined : async () => readFile(collateral, "utf8"),
    identity: enclave === undefined ? undefined : async () => enclave.identify(),
    enclave,
    offers:
      policy === undefined || provider === undefined
        ? undefined
        : new StandingOffers(
            place,
            policy,
            provider,
            remembered(async () => readOfferedNode(chain.reader, node, now), NODE_LIFE, now),
          ),
  });
}

function addMeta(
  api: Api,
  { config, version, access, orchestrator, metrics, chain, database, now, log }: ApiParts,
): void {
  const readiness = new ReadinessProbe({
    checks: {
      chain: async () => {
        await chain.reader.head();
      },
      database: async () => {
        database.get("SELECT 1 AS one");
        return Promise.resolve();
      },
      orchestrator: async () => {
        await orchestrator.list();
      },
    },
    now,
    failed: (check, err, unsaid) => {
      log.warn({ check, err, unsaid }, "the gateway is not ready");
    },
  });
  const { applicationsHost } = config;
  addMetaRoutes(api, {
    ...{ audience: access.audience, version, applicationsHost, orchestrator: orchestrator.kind, readiness, metrics },
  });
}
