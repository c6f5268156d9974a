import { relative } from "node:path";

import type { SolidityCompilerConfig } from "hardhat/types/config";
import type { ConfigHooks } from "hardhat/types/hooks";

import { listFiles } from "../checks/files.ts";
import { isHarness } from "./roots.ts";

/** Where contracts are that only tests ask, and that no contract uses. */
const MODELS = "contracts/mocks/tasks/";

/**
 * Tests, and the model that they ask, are compiled without the optimizer and without the IR, in a fifth of the time: what they test is
 * deployed by name and keeps the shipped settings. All share one object, because Hardhat puts into one job what has the same object for
 * settings, not equal ones.
 */
function testCompiler(shipped: SolidityCompilerConfig): SolidityCompilerConfig {
  const settings = { ...shipped.settings, viaIR: false, optimizer: { enabled: false } } as unknown;
  return { ...shipped, settings };
}

const handlers: Partial<ConfigHooks> = {
  async resolveUserConfig(userConfig, resolveConfigurationVariable, next) {
    const config = await next(userConfig, resolveConfigurationVariable);
    const folder = relative(config.paths.root, config.paths.tests.solidity);
    const tests = listFiles(folder, ".sol").filter((path) => !isHarness(path));
    const models = listFiles("contracts", ".sol").filter((path) => path.startsWith(MODELS));
    for (const profile of Object.values(config.solidity.profiles)) {
      const [shipped] = profile.compilers;
      if (shipped === undefined) continue;
      const compiler = testCompiler(shipped);
      for (const path of [...tests, ...models]) profile.overrides[path] = compiler;
    }
    return config;
  },
};

export default () => Promise.resolve(handlers);
