import { join } from "node:path";

import type { SolidityHooks } from "hardhat/types/hooks";

import { listFiles, root } from "../checks/files.ts";
import { isHarness, wantedSources } from "./roots.ts";
import { mergeOutputs, shardsOf } from "./shards.ts";

/** Says on the error stream what takes time, so that a command's output stays its own. */
async function announced<T>(files: number, processes: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const long =
    processes > 1 ? " in two processes. From nothing this takes about a minute; later, only changes are compiled" : "";
  console.error(`Compiling ${String(files)} Solidity files${long}.`);
  const result = await work();
  console.error(`Compiled in ${((performance.now() - began) / 1000).toFixed(0)} s.`);
  return result;
}

const handlers: Partial<SolidityHooks> = {
  /** Tests deploy harnesses by name, so whichever tests are built, all harnesses are built from their sources as they are. */
  async build(context, rootFilePaths, options, next) {
    if (options?.scope !== "tests") return next(context, rootFilePaths, options);
    const harnesses = listFiles("test/solidity", ".sol").filter(isHarness);
    return next(context, [...new Set([...rootFilePaths, ...harnesses.map((path) => join(root, path))])], options);
  },

  // Deprecated for a hook that sees what comes out, while this one divides what goes in. The version of Hardhat is pinned.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  async invokeSolc(context, compiler, input, config, next) {
    const wanted = wantedSources(Object.keys(input.sources));
    const shards = shardsOf(input, wanted);
    const output = await announced(wanted.length, shards.length, async () =>
      mergeOutputs(await Promise.all(shards.map((shard) => next(context, compiler, shard, config)))),
    );
    // Warnings about a dependency's sources are not for us to mend.
    const errors = output.errors?.filter(
      ({ severity, formattedMessage = "" }) => severity === "error" || !/--> npm\//.test(formattedMessage),
    );
    return { ...output, errors: errors ?? [] };
  },
};

export default () => Promise.resolve(handlers);
