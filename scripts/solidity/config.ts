import { relative } from "node:path";

import type { SolidityCompilerConfig } from "hardhat/types/config";
import type { ConfigHooks } from "hardhat/types/hooks";

import { listFiles } from "../checks/files.ts";
import { isHarness } from "./roots.ts";

/** Where contracts are that only tests ask, and that no contract uses. They are deployed, so they must not be too large. */
const MODELS = "contracts/mocks/tasks/";

/**
 * Tests are compiled without the optimizer and without the IR, in a fifth of the time, and the model that they ask without the IR: what they
 * test is deployed by name and keeps the shipped settings. All tests share one object, because Hardhat puts into one job what has the same object for
 * settings, not equal ones.
 */
function testCompiler(shipped: SolidityCompilerConfig, optimizer: object): SolidityCompilerConfig {
  const settings = { ...shipped.settings, viaIR: false, optimizer } as unknown;
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
      const compiler = testCompiler(shipped, { enabled: false });
      const modelCompiler = testCompiler(shipped, { enabled: true, runs: 1 });
      for (const path of tests) profile.overrides[path] = compiler;
      for (const path of models) profile.overrides[path] = modelCompiler;
    }
    return config;
  },
};

export default () => Promise.resolve(handlers);
