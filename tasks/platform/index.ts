import { emptyTask, task } from "hardhat/config";

import { optional, withCommon, withReading } from "../support/options.ts";

export const platformTasks = [
  emptyTask("platform", "Deploy the platform and look at it").build(),
  withCommon(task(["platform", "deploy"], "Deploy all contracts, or finish a deployment that was cut off"))
    .addOption(optional("parameters", "A JSON5 file; deployments/parameters/<network>.json5 by default"))
    .addFlag({ name: "simulated", description: "Let simulated quotes count, to rehearse: on test networks only" })
    .setAction(() => import("./deploy.ts"))
    .build(),
  withReading(task(["platform", "status"], "Show epoch, challenge, validators, nodes, orders, policy and models"))
    .setAction(() => import("./status.ts"))
    .build(),
  withReading(task(["platform", "addresses"], "Show where the contracts are"))
    .setAction(() => import("./addresses.ts"))
    .build(),
];
