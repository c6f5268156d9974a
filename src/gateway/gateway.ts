import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { pino, type Logger } from "pino";

import { createAccess, type AccessControl } from "./access/access.ts";
import { checkSignature } from "./access/signatures.ts";
import type { NodeView } from "./chain/node.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { readSecret } from "./config/secret.ts";
import { addDeploymentRoutes } from "./deployments/routes.ts";
import type { Place } from "./deployments/receipts.ts";
import { addStreamRoutes } from "./deployments/streamRoutes.ts";
import type { EnclaveHost } from "./enclave/enclaveHost.ts";
import { createHost, databaseFile, type Host } from "./hosting.ts";
import { TrustedProxies } from "./http/addresses.ts";
import { Api } from "./http/api.ts";
import { StreamSlots } from "./http/events.ts";
import { Limits } from "./http/limits.ts";
import { addMetaRoutes } from "./http/metaRoutes.ts";
import { Metrics } from "./http/metrics.ts";
import { ReadinessProbe } from "./http/readiness.ts";
import { requestMiddleware } from "./http/requests.ts";
import { createApiServer, type ApiServer } from "./http/server.ts";
import { addMeteringRoutes } from "./metering/routes.ts";
import { newestQuoteHash } from "./node/evidence.ts";
import { readNodeView } from "./node/nodeView.ts";
import { readOfferedNode, StandingOffers } from "./node/offers.ts";
import { readProofs } from "./node/proofs.ts";
import { addNodeRoutes } from "./node/routes.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";
import { Problem } from "./problems/problem.ts";
import { createFrontDoor } from "./proxy/frontDoor.ts";
import { addSecretRoutes } from "./secrets/routes.ts";
import { openDatabase, type Database } from "./store/database.ts";
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
import { createTransfer, type Transfer } from "./transfer/transfer.ts";
import { batchedReads } from "../chain/batch.ts";
import { domainOf } from "../eip712/domain.ts";
import { connectProtocol } from "../protocol.ts";
