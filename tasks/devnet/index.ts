import { task } from "hardhat/config";

import { optional, withDefault, withReading } from "../support/options.ts";

export const devnetTasks = [
  withReading(task("devnet", "Run a local chain with the platform deployed and funded accounts, until Ctrl-C"))
    .addOption(withDefault("port", "Where it listens, on 127.0.0.1", "8545"))
    .addOption(
      withDefault("pagePort", "Where it serves the market as a page; any free port where that one is taken", "8600"),
    )
    .addOption(withDefault("blockTime", "Time between blocks", "1s"))
    .addOption(withDefault("delays", "How long unbonding and release take: real, or short for minutes", "real"))
    .addOption(
      optional(
        "parameters",
        "A JSON5 file; parameters/local.json5 among the deployments by default, else the package's",
      ),
    )
    .setAction(() => import("./run.ts"))
    .build(),
];
