import type { Logger } from "pino";
import { join } from "node:path";

import type { NodeConfig, ProviderConfig } from "./config/schema.ts";
import type { ProverConfig } from "./config/prover.ts";
import type { OwnNode } from "./parts.ts";
import { keptFolder, nodeBase } from "../documents/keptQuotes.ts";
import { EnclaveHost } from "../enclave/host.ts";
import { placeOf } from "../enclave/place.ts";
import { createProver, type Prover, type ProverOptions } from "../pow/index.ts";
import type { Opened } from "../service/opened.ts";

/** Whatever variables the process has. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a prover is made. @param node The node whose workers it finds; none for one that nodes share. */
export function proverOptions(config: ProverConfig, node: bigint, log: Logger): ProverOptions {
  const { engine, threads, niceness, cpuShare, native, workers } = config;
  const onNews = (news: string): void => {
    log.info({ node: Number(node), news }, "news of the node's workers");
  };
  return {
    ...{ engine, threads, niceness, native },
    cpuShare: cpuShare / 100,
    remote: workers === undefined ? undefined : { ...workers, node, onNews },
  };
}

/** The folder of a node's results. */
const resultsOf = ({ data }: Pick<ProviderConfig, "data">, { id, results }: NodeConfig): string =>
  results ?? join(data, `node-${String(id)}.results`);

/** The folder of a node's quotes. */
export const quotesOf = ({ data }: Pick<ProviderConfig, "data">, { id, quotes }: NodeConfig): string =>
  quotes ?? join(data, keptFolder(nodeBase(BigInt(id))));

/** A node without what works for it: enough to decide. */
export function decidedNode(config: ProviderConfig, node: NodeConfig): OwnNode {
  const never = async (): Promise<never> => Promise.reject(new Error("Nothing is done in a dry run"));
  const enclave = { quote: never, signAnswer: never };
  return {
    id: BigInt(node.id),
    enclave: node.enclave === undefined ? undefined : enclave,
    prover: node.prover === undefined ? undefined : { solve: never },
    quotes: quotesOf(config, node),
    results: resultsOf(config, node),
    gateway: node.gateway,
  };
}

/** Makes a prover ready. */
async function openProver(options: ProverOptions, log: Logger, opened: Opened): Promise<Prover> {
  const prover = opened.add(await createProver(options), async (each) => each.close());
  const { engine, device, threads, refused } = prover;
  log.info({ node: Number(options.remote?.node ?? 0), engine, device, threads, refused }, "a prover is ready");
  return prover;
}

/** Starts what works for the nodes: see {@link openNode}. */
export async function openNodes(config: ProviderConfig, log: Logger, opened: Opened) {
  const { prover } = config;
  const isUsed = config.nodes.some((node) => node.prover === "shared");
  const options = prover === undefined || !isUsed ? undefined : proverOptions(prover, 0n, log);
  const shared = options && (await openProver(options, log, opened));
  return Promise.all(config.nodes.map(async (node) => openNode(config, node, shared, log, opened)));
}

/** Starts what works for a node: its enclave's host, which keeps the process there, and its prover, made ready. */
async function openNode(
  config: ProviderConfig,
  node: NodeConfig,
  shared: Prover | undefined,
  log: Logger,
  opened: Opened,
): Promise<OwnNode & { readonly host: EnclaveHost | undefined }> {
  const id = BigInt(node.id);
  const place = node.enclave === undefined ? undefined : placeOf(node.enclave, id);
  const host = place === undefined ? undefined : new EnclaveHost(place, log.child({ node: node.id }));
  if (host !== undefined) opened.add(host, async (each) => each.close());
  const own = node.prover === undefined || node.prover === "shared" ? undefined : node.prover;
  const prover =
    node.prover === "shared" ? shared : own && (await openProver(proverOptions(own, id, log), log, opened));
  return {
    id,
    enclave: host,
    host,
    prover,
    quotes: quotesOf(config, node),
    results: resultsOf(config, node),
    gateway: node.gateway,
  };
}
