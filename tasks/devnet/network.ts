import { once } from "node:events";
import { createServer } from "node:net";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

/** Where devnets listen. */
export const HOST = "127.0.0.1";

/** Where a devnet is found. */
export interface DevnetNetwork {
  readonly url: string;
  /** What it is called: the network of the configuration with this URL, else a name of its own. */
  readonly name: string;
  /** Whether the configuration knows it, so that `--network` does. */
  readonly isConfigured: boolean;
}

/**
 * Refuses a port on which somebody listens already, such as another devnet.
 *
 * @throws The system's error, when the port is taken or may not be used.
 */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer().listen(port, HOST);
  await once(probe, "listening");
  await new Promise((resolve) => probe.close(resolve));
}

/**
 * Finds the network of the configuration that leads to a port: the one that `--network` names, or `localhost`. A chain on another
 * port gets a name of its own, so that what is recorded of another one stays.
 */
export async function findNetwork(hre: HardhatRuntimeEnvironment, port: number): Promise<DevnetNetwork> {
  const url = `http://${HOST}:${String(port)}`;
  for (const name of new Set([hre.globalOptions.network, "localhost"])) {
    const config = Object.entries(hre.config.networks).find(([known]) => known === name)?.[1];
    if (config?.type === "http" && isSame(await config.url.getUrl(), url)) return { url, name, isConfigured: true };
  }
  return { url, name: `localhost-${String(port)}`, isConfigured: false };
}

function isSame(one: string, other: string): boolean {
  const [{ port, hostname }, { port: wanted }] = [new URL(one), new URL(other)];
  return port === wanted && [HOST, "localhost"].includes(hostname);
}
