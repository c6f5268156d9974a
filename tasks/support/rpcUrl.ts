import type { HttpNetworkConfig } from "hardhat/types/config";

import type { Context } from "./context.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * A network that other programs reach as well.
 *
 * @throws {InputError} For a chain inside this process.
 */
export function httpNetworkOf({ hre, network }: Pick<Context, "hre" | "network">): HttpNetworkConfig {
  const config = hre.config.networks[network];
  if (config?.type === "http") return config;
  const remedy = "Run `devnet` in another terminal, and name it with --network localhost.";
  throw new InputError(`The network "${network}" is not reached over HTTP`, remedy);
}
