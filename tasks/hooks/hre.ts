import type { HardhatRuntimeEnvironmentHooks } from "hardhat/types/hooks";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { addExample } from "./help.ts";
import { findOwnRun } from "./ownRun.ts";

/** Whoever reads the output may have had enough of it; that ends no work in progress. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

async function created(_context: unknown, hre: HardhatRuntimeEnvironment): Promise<void> {
  const run = findOwnRun(hre);
  if (run === undefined) return;
  outliveReaders();
  if (run.asks) {
    await addExample(run, hre);
    return;
  }
  const { watch } = await import("./running.ts");
  watch(run, hre);
}

// Written within this arrow, the import above would escape the compiler, which then leaves its extension as it is.
export default (): Promise<Partial<HardhatRuntimeEnvironmentHooks>> => Promise.resolve({ created });
