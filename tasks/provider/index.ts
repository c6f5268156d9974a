import { emptyTask, task } from "hardhat/config";

import { optional, required, withReading } from "../support/options.ts";

export const providerTasks = [
  emptyTask("provider", "Run what a provider's nodes need in time").build(),
  withReading(task(["provider", "run"], "Prove, renew, settle and accept for a provider's nodes until Ctrl-C"))
    .addPositionalArgument(required("file", "The JSON5 file; docs/provider.json5 explains it"))
    .setAction(() => import("./run.ts"))
    .build(),
  withReading(task(["provider", "doctor"], "Say why a provider's nodes earn nothing, and what to do about it"))
    .addPositionalArgument(required("file", "The JSON5 file of `provider run`"))
    .addOption(optional("measure", "Seconds for which each prover is measured; they are not when it is left out"))
    .setAction(() => import("./doctor.ts"))
    .build(),
];
