import { existsSync } from "node:fs";
import { join } from "node:path";

import { deploymentsFolder, type PlatformContext } from "../support/context.ts";
import { publicKeys } from "../support/publicAccounts.ts";
import { needed, parseId, parseNumber } from "../support/inputs.ts";
import { loadGatewayConfig } from "../../src/gateway/config/load.ts";
import { gatewayConfig, type GatewayConfig } from "../../src/gateway/config/schema.ts";
import type { Environment } from "../../src/gateway/surroundings.ts";
import { InputError } from "../../src/inputError.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** The options that say which gateway is meant. */
export interface GatewayArguments {
  readonly configFile: string | undefined;
  readonly node: string | undefined;
  readonly port: string;
  readonly enclave: string | undefined;
}

/** A configuration, and the variables that its secrets are in. */
export interface Configuration {
  readonly config: GatewayConfig;
  readonly environment: Environment;
}

/** The variable by which a devnet's gateway gets the key of one of its accounts, which everybody knows. */
const DEVNET_KEY = "COMPUTING_POWER_DEVNET_PROVIDER_KEY";

/**
 * The configuration in the file that was named, or one for a devnet: made for trying things out, it takes manifests from this machine, and
 * signs with the key that everybody knows.
 *
 * @throws {InputError} Without a file on any other chain than a devnet; for a file with faults, with all of them.
 */
export async function configurationOf(args: GatewayArguments, context: PlatformContext): Promise<Configuration> {
  const environment = process.env;
  if (args.configFile !== undefined)
    return { config: loadGatewayConfig({ file: args.configFile, environment }), environment };
  if (context.chainId !== LOCAL_CHAIN_ID) {
    const remedy = "Write one after docs/gateway.json5, and name it with --config-file.";
    throw new InputError("Only a devnet's gateway runs without a configuration", remedy);
  }
  const node = parseId(needed(args.node, "node"), "node");
  const { modelId, provider } = await context.protocol.nodeRegistry.getNode(node);
  const key = publicKeys().get(provider);
  const signing = key === undefined ? {} : { providerKey: { env: DEVNET_KEY }, offers: {} };
  const own = await devnetGateway(args, context, node);
  const hasEnclave = own.enclave.keyFile !== undefined;
  const config = gatewayConfig.parse({
    ...own,
    ...signing,
    ...(hasEnclave && key !== undefined ? { tasks: { maxStakeLock: DEVNET_STAKE } } : {}),
    units: devnetUnits(modelId),
  });
  return { config, environment: key === undefined ? environment : { ...environment, [DEVNET_KEY]: key } };
}

/** Tokens that a task may lock at a devnet's gateway. */
const DEVNET_STAKE = "100";

const devnetUnits = (model: bigint): object => ({ [model.toString()]: { cpu: "1", memory: "512Mi", disk: "1Gi" } });

async function devnetGateway({ port: text, enclave }: GatewayArguments, context: PlatformContext, node: bigint) {
  const { hre, network } = context;
  const port = Number(parseNumber(text, "port", 65_535n, 1n));
  const [keyFile, quotes] = [enclave ?? `node-${node.toString()}.enclave.json`, `node-${node.toString()}.quotes`];
  return {
    node: Number(node),
    chain: {
      rpc: [await rpcOf(context)],
      addresses: join(deploymentsFolder(hre), network, "addresses.json"),
      confirmations: 0,
    },
    origin: `http://127.0.0.1:${String(port)}`,
    listen: { port },
    data: join(hre.config.paths.cache, "gateway", `${network}-${node.toString()}`),
    attestation: existsSync(quotes) ? { quotes } : {},
    enclave: { keyFile: existsSync(keyFile) ? keyFile : undefined },
    fetch: { allowLoopback: true },
    grace: { running: 60, volumes: 3_600 },
  };
}

async function rpcOf({ hre, network }: PlatformContext): Promise<string> {
  const config = hre.config.networks[network];
  if (config?.type === "http") return config.url.getUrl();
  const remedy = "Run `devnet` in another terminal, and name it with --network localhost.";
  throw new InputError(`The network "${network}" is not reached over HTTP`, remedy);
}
