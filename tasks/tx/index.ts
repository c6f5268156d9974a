import { emptyTask, task } from "hardhat/config";

import { required, withWaiting } from "../support/options.ts";

export const txTasks = [
  emptyTask("tx", "Look after transactions that were sent").build(),
  withWaiting(task(["tx", "wait"], "Wait for a transaction that was sent, and report what it did"))
    .addPositionalArgument(required("hash", "The hash that was told when it was sent"))
    .setAction(() => import("./wait.ts"))
    .build(),
];
