import { resolve } from "node:path";

import { Wallet, type JsonRpcApiProvider } from "ethers";
import type { Logger } from "pino";

import { EnclaveHost } from "../enclave/host.ts";
import { placeOf } from "../enclave/place.ts";
import type { NodeView } from "./chain/node.ts";
import { ChainReader } from "./chain/reader.ts";
import { bytesOf } from "./config/bytes.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { readSecret, type Secret } from "../service/config/secret.ts";
import { publicFetch } from "./fetch/publicFetch.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";
import { batchedReads } from "../chain/batch.ts";
import { openChainAccess } from "../chain/endpoints/open.ts";
import type { AddressBook } from "../deployments.ts";
import { InputError } from "../inputError.ts";
import { connectProtocol, type Protocol } from "../protocol.ts";

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The chain, as a gateway has it. */
export interface Chain {
  readonly book: AddressBook;
  readonly reader: ChainReader;
  /** Of all endpoints, in the order in which they are tried. */
  readonly providers: readonly JsonRpcApiProvider[];
  /** Bound to the first endpoint: for what may wait. */
  readonly protocol: Protocol;
  /**
   * Decimals of the platform's token, in which two endpoints must agree where there are several.
   *
   * @throws {Problem} `chain-unreachable`, also when they do not.
   */
  decimals(): Promise<number>;
  close(): void;
}

/**
 * Connects to the chain.
 *
 * @throws {InputError} When the address book cannot be read.
 */
export function openChain(
  { chain, node }: GatewayConfig,
  now: () => number,
  passedOver: (endpoint: number, reason: string) => void,
): Chain {
  const access = openChainAccess(chain, { now, passedOver });
  const { book, providers } = access;
  const [first] = providers;
  if (first === undefined) throw new TypeError("The configuration has no endpoint");
  const reader = new ChainReader({ chain: access, node, confirmations: chain.confirmations });
  return {
    book,
    providers,
    reader,
    protocol: connectProtocol(book, batchedReads(first)),
    decimals: async () =>
      reader.readAgreed("the token's decimals", async ({ token }, { number }) =>
        Number(await token.decimals({ blockTag: number })),
      ),
    close: () => {
      access.close();
    },
  };
}

/**
 * The node that the gateway serves.
 *
 * @throws {InputError} When the chain has no such node.
 * @throws {Problem} `chain-unreachable`.
 */
export async function readOwnNode({ reader }: Chain, node: number): Promise<NodeView> {
  const view = await reader.readNode();
  if (view !== undefined) return view;
  const problem = `The chain has no node ${String(node)}`;
  throw new InputError(problem, "Declare it first with `node register`, or correct `node` in the configuration.");
}

/** What names this gateway on its machine and in its cluster: several can run side by side. */
export function gatewayName(book: AddressBook, node: number): string {
  return `${String(book.chainId)}-${book.contracts.orderEscrow.slice(2, 10).toLowerCase()}-${String(node)}`;
}

/** Opens the container engine that is configured. */
export async function openOrchestrator(
  { orchestrator, data, disk, registries: named }: GatewayConfig,
  gateway: string,
  log: Logger,
): Promise<Orchestrator> {
  const registries = { fetch: publicFetch(named), named };
  if (orchestrator.kind === "podman") {
    const { PodmanOrchestrator } = await import("./orchestrator/podman/podmanOrchestrator.ts");
    const folder = resolve(data, "podman");
    const limits = {
      reserve: bytesOf("disk.reserve", disk.reserve),
      images: bytesOf("disk.images", disk.images),
      unusedImages: disk.unusedImages * 1000,
    };
    const { socket, images } = orchestrator;
    return PodmanOrchestrator.open({ gateway, folder, log, socket, registries, images, disk: limits });
  }
  const { KubernetesOrchestrator } = await import("./orchestrator/kubernetes/kubernetesOrchestrator.ts");
  const { ownNamespace } = await import("./orchestrator/kubernetes/connect.ts");
  const { kubeconfig, context, storageClassName, placements, closedAddresses } = orchestrator;
  const shared = { gateway, storageClassName, placements, closedAddresses };
  const options = { ...shared, gatewayNamespace: ownNamespace(), registries };
  return KubernetesOrchestrator.open({ kubeconfig, context }, options);
}

/**
 * The provider's account, where the gateway has its key.
 *
 * @throws {InputError} For a key of another account than the node's provider.
 */
export function readProvider(
  { providerKey, node }: GatewayConfig,
  environment: Environment,
  provider: string,
): Wallet | undefined {
  if (providerKey === undefined) return undefined;
  const wallet = walletOf(readSecret("providerKey", providerKey, environment));
  if (wallet.address === provider) return wallet;
  const problem = `providerKey is the key of ${wallet.address}, and the provider of node ${String(node)} is ${provider}`;
  throw new InputError(problem, "Give the provider's key, or correct `node`.");
}

function walletOf(secret: Secret): Wallet {
  const text = secret.reveal();
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return new Wallet(text);
  throw new InputError("providerKey is not a private key", "Give 64 hexadecimal digits.");
}

/** The enclave program, where one is configured. The sample program's platform is the one that `node quote` simulates for the node. */
export function openEnclave({ enclave, node }: GatewayConfig, log: Logger): EnclaveHost | undefined {
  const place = placeOf(enclave, BigInt(node));
  return place === undefined ? undefined : new EnclaveHost(place, log);
}
