import { emptyTask, task } from "hardhat/config";

import { withConfiguration } from "../support/options.ts";

export const gatewayTasks = [
  emptyTask("gateway", "Run a provider's gateway: deployment, access, metering, data").build(),
  withConfiguration(
    task(["gateway", "check"], "Say what a gateway needs, what is there, and what to do about the rest"),
  )
    .setAction(() => import("./check.ts"))
    .build(),
  withConfiguration(task(["gateway", "start"], "Run a node's gateway until Ctrl-C"))
    .setAction(() => import("./start.ts"))
    .build(),
];
