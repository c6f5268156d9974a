import { resolve } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { packageRoot } from "../src/packageRoot.ts";

/**
 * Builds what is not built yet, then plays. What plays is loaded after the build, because it imports what the build
 * generates.
 */
export default async function run(
  { json }: { json: boolean },
  hre: HardhatRuntimeEnvironment,
): Promise<Record<string, unknown>> {
  // In another project the contracts come with the package, built.
  if (resolve(hre.config.paths.root) === packageRoot()) await build(hre);
  const { perform } = await import("./perform.ts");
  return perform(hre, json);
}

/** A quiet build still ends the line on stdout before it warns, which is for results alone. */
async function build(hre: HardhatRuntimeEnvironment): Promise<void> {
  const { log } = console;
  console.log = console.error;
  try {
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  } finally {
    console.log = log;
  }
}
