import { join, relative } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { deploymentsFolder } from "./context.ts";
import { isFile } from "./inputs.ts";
import { packageRoot } from "../../src/packageRoot.ts";

/** A parameter file that comes with the package, as it is reached from the working directory. */
function packaged(name: string): string {
  return relative(process.cwd(), join(packageRoot(), "deployments", "parameters", name));
}

/** The parameters of local chains: the project's own file, else the one that comes with the package. */
export function localParametersFile(hre: HardhatRuntimeEnvironment): string {
  const own = join(deploymentsFolder(hre), "parameters", "local.json5");
  return isFile(own) ? own : packaged("local.json5");
}

/** Where the file is that explains every parameter. */
export function exampleParametersFile(): string {
  return packaged("example.json5");
}
