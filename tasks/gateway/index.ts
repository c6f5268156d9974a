import { emptyTask, task } from "hardhat/config";

import { mandatory, optional, withDefault, withReading } from "../support/options.ts";
import type { NewTaskDefinitionBuilder, TaskArguments } from "hardhat/types/tasks";

/** Adds what says which gateway is meant. */
function withConfiguration<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(
      optional("configFile", "A JSON5 file; without it, a devnet's gateway is made up from --node and the network"),
    )
    .addOption(mandatory("node", "The node that the gateway serves", "without --config-file"))
    .addOption(withDefault("port", "Without --config-file: where it listens, on 127.0.0.1", "8900"))
    .addOption(
      optional("enclave", "Without --config-file: the node's enclave key file; node-<id>.enclave.json where it exists"),
    );
}

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
