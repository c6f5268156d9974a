import { HardhatPluginError } from "hardhat/plugins";
import type { TaskOverrideActionFunction } from "hardhat/types/tasks";

/**
 * Refuses to run tests on contracts that were compiled from other sources than there are now: `--no-compile` leaves compiling out, it
 * does not make an old contract the one under test.
 */
const action: TaskOverrideActionFunction = async (taskArguments, hre, runSuper) => {
  if (taskArguments["noCompile"] === true) {
    const roots = await hre.solidity.getRootFilePaths({ scope: "contracts" });
    const jobs = await hre.solidity.getCompilationJobs(roots, { quiet: true, scope: "contracts" });
    const stale = jobs.success ? [...jobs.compilationJobsPerFile.keys()] : ["some file, which does not compile"];
    if (stale.length > 0) {
      throw new HardhatPluginError(
        "computing-power-compilation",
        `${String(stale.length)} contract files have changed since they were compiled, among them ${stale[0] ?? ""}. ` +
          "Run `npx hardhat build --no-tests`, or the same command without --no-compile.",
      );
    }
  }
  return (await runSuper(taskArguments)) as unknown;
};

export default action;
