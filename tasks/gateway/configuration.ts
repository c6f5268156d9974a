import { existsSync } from "node:fs";
import { join } from "node:path";

import { action, offlineAction } from "../support/action.ts";
import { deploymentsFolder, type PlatformContext } from "../support/context.ts";
import { publicKeys } from "../support/publicAccounts.ts";
import { needed, parseId, parseNumber } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { httpNetworkOf } from "../support/rpcUrl.ts";
import { completeGatewayConfig, loadGatewayConfig } from "../../src/gateway/config/load.ts";
import type { GatewayConfig } from "../../src/gateway/config/schema.ts";
import type { Environment } from "../../src/gateway/surroundings.ts";
import { InputError } from "../../src/inputError.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** The options that say which gateway is meant. */
export interface GatewayArguments {
  readonly configFile: string | undefined;
  readonly node: string | undefined;
  readonly port: string | undefined;
  readonly enclave: string | undefined;
}

/** A configuration, and the variables that its secrets are in. */
export interface Configuration {
  readonly config: GatewayConfig;
  readonly environment: Environment;
}

/** The variable by which a devnet's gateway gets the key of one of its accounts, which everybody knows. */
const DEVNET_KEY = "COMPUTING_POWER_DEVNET_PROVIDER_KEY";

type Run = (configuration: Configuration) => Promise<Outcome>;

/** Makes a task's action that works with a gateway's configuration: its file's, or one for the devnet that the task's network is. */
export function configuredAction(run: Run) {
  const byFile = offlineAction(async (args: GatewayArguments) => run(fromFile(args)));
  const onDevnet = action(async (args: GatewayArguments, context) => run(await forDevnet(args, context)));
  return async (...parameters: Parameters<typeof byFile>) =>
    parameters[0].configFile === undefined ? onDevnet(...parameters) : byFile(...parameters);
}

/**
 * The configuration in the file that was named.
 *
 * @throws {InputError} For a file with faults, with all of them; for options that say what the file says.
 */
export function fromFile({ configFile, node, port, enclave }: GatewayArguments): Configuration {
  const beside = Object.entries({ node, port, enclave }).filter(([, value]) => value !== undefined);
  if (beside.length > 0) {
    const options = beside.map(([name]) => `--${name}`).join(" and ");
    throw new InputError(`${options} beside --config-file`, "Leave it out: the file says it.");
  }
  return { config: loadGatewayConfig({ file: configFile, environment: process.env }), environment: process.env };
}

/**
 * A configuration for a devnet: made for trying things out, it takes manifests from this machine, and signs with the key that everybody
 * knows. Variables override its fields as they do a file's.
 *
 * @throws {InputError} On any other chain than a devnet; for variables with faults, with all of them.
 */
export async function forDevnet(args: GatewayArguments, context: PlatformContext): Promise<Configuration> {
  const environment = process.env;
  if (context.chainId !== LOCAL_CHAIN_ID) {
    const remedy = "Write one after docs/gateway.json5, and name it with --config-file.";
    throw new InputError("Only a devnet's gateway runs without a configuration", remedy);
  }
  const node = parseId(needed(args.node, "node"), "node");
  const { modelId, provider } = await context.protocol.nodeRegistry.getNode(node);
  const key = publicKeys().get(provider);
  const signing = key === undefined ? {} : { providerKey: { env: DEVNET_KEY }, offers: {} };
  const own = await devnetGateway(args, context, node);
  const hasEnclave = "keyFile" in own.enclave;
  const fields = {
    ...own,
    ...signing,
    ...(hasEnclave && key !== undefined ? { tasks: { minNodeFee: "1", maxStakeLock: DEVNET_STAKE } } : {}),
    units: devnetUnits(modelId),
  };
  const config = completeGatewayConfig({ fields, origin: "the devnet and the environment", environment });
  return { config, environment: key === undefined ? environment : { ...environment, [DEVNET_KEY]: key } };
}

/** Tokens that a task may lock at a devnet's gateway. */
const DEVNET_STAKE = "100";

const devnetUnits = (model: bigint): object => ({ [model.toString()]: { cpu: "1", memory: "512Mi", disk: "1Gi" } });

/** The devnet's identity: a chain that was started again is another one, with other orders of the same numbers. */
async function identityOf({ provider, book }: PlatformContext): Promise<string> {
  const block = await provider.getBlock(book.fromBlock);
  return (block?.hash ?? "").slice(2, 10);
}

async function devnetGateway(
  { port: text = "8900", enclave }: GatewayArguments,
  context: PlatformContext,
  node: bigint,
) {
  const { hre, network } = context;
  const data = `${network}-${await identityOf(context)}-${node.toString()}`;
  const port = Number(parseNumber(text, "port", 65_535n, 1n));
  const collateral = `node-${node.toString()}.collateral.json`;
  const [keyFile, quotes] = [enclave ?? `node-${node.toString()}.enclave.json`, `node-${node.toString()}.quotes`];
  return {
    node: Number(node),
    chain: {
      rpc: [await httpNetworkOf(context).url.getUrl()],
      addresses: join(deploymentsFolder(hre), network, "addresses.json"),
      confirmations: 0,
    },
    origin: `http://127.0.0.1:${String(port)}`,
    listen: { port },
    data: join(hre.config.paths.cache, "gateway", data),
    attestation: {
      ...(existsSync(quotes) ? { quotes } : {}),
      ...(existsSync(collateral) ? { collateral } : {}),
    },
    enclave: existsSync(keyFile) ? { keyFile, believes: "host" } : {},
    fetch: { allowLoopback: true },
    grace: { running: 60, volumes: 3_600 },
  };
}
