import { HardhatPluginError } from "hardhat/plugins";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskOverrideActionFunction } from "hardhat/types/tasks";

import { areKernelsCurrent } from "../kernel/generate.ts";

/** What has changed since it was built, in words; undefined when nothing has. */
async function changeSinceBuild({ solidity }: HardhatRuntimeEnvironment): Promise<string | undefined> {
  const roots = await solidity.getRootFilePaths({ scope: "contracts" });
  const jobs = await solidity.getCompilationJobs(roots, { quiet: true, scope: "contracts" });
  if (!jobs.success) return `The contracts do not compile: ${jobs.formattedReason}`;
  const [first, ...others] = jobs.compilationJobsPerFile.keys();
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
