import { readFileSync } from "node:fs";

import { HardhatPluginError } from "hardhat/plugins";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskOverrideActionFunction } from "hardhat/types/tasks";

import { areKernelsCurrent } from "../kernel/generate.ts";

/**
 * Whether a source declares nothing that has code. Hardhat keeps nothing of such a file that it has compiled alone, and takes it for new ever after;
 * whatever uses its types has changed with it, and is named itself.
 */
const hasNoCode = (path: string): boolean =>
  !/^\s*(abstract\s+)?(contract|library|interface)\s/m.test(readFileSync(path, "utf8"));

/** What has changed since it was built, in words; undefined when nothing has. */
async function changeSinceBuild({ solidity }: HardhatRuntimeEnvironment): Promise<string | undefined> {
  const roots = await solidity.getRootFilePaths({ scope: "contracts" });
  const jobs = await solidity.getCompilationJobs(roots, { quiet: true, scope: "contracts" });
  if (!jobs.success) return `The contracts do not compile: ${jobs.formattedReason}`;
  const [first, ...others] = [...jobs.compilationJobsPerFile.keys()].filter((path) => !hasNoCode(path));
  if (first !== undefined) {
    return `${String(others.length + 1)} contract files have changed since they were compiled, among them ${first}.`;
  }
  return areKernelsCurrent() ? undefined : "The search kernels have changed since they were assembled.";
}

/**
 * Refuses to run tests on contracts or kernels that were built from other sources than there are now: `--no-compile` leaves building
 * out, it does not make the old ones those under test.
 */
const action: TaskOverrideActionFunction = async (taskArguments, hre, runSuper) => {
  const change = taskArguments["noCompile"] === true ? await changeSinceBuild(hre) : undefined;
  if (change !== undefined) {
    throw new HardhatPluginError(
      "computing-power-compilation",
      `${change} Run \`npx hardhat build --no-tests\`, or the same command without --no-compile.`,
    );
  }
  return (await runSuper(taskArguments)) as unknown;
};

export default action;
