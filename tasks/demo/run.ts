import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

/**
 * Builds what is not built yet, then plays. What plays is loaded after the build, because it imports what the build
 * generates.
 */
export default async function demo(
  { json }: { json: boolean },
  hre: HardhatRuntimeEnvironment,
): Promise<Record<string, unknown>> {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { perform } = await import("./perform.ts");
  return perform(hre, json);
}
